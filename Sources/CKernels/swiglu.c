#include <math.h>

#include "dispatch.h"

DISPATCH(void, hone_swiglu_forward, (size_t T, size_t C, const float *gate_up, float *h), (T, C, gate_up, h))

void hone_swiglu_forward_reference(size_t T, size_t C, const float *gate_up, float *h) {
    for (size_t t = 0; t < T; t++)
        for (size_t i = 0; i < C; i++) {
            const float gate = gate_up[t * 2 * C + i], up = gate_up[t * 2 * C + C + i];
            h[t * C + i] = gate / (1 + expf(-gate)) * up;
        }
}

DISPATCH(void, hone_swiglu_backward, (size_t T, size_t C, float *gate_up, float *dh), (T, C, gate_up, dh))

void hone_swiglu_backward_reference(size_t T, size_t C, float *gate_up, float *dh) {
    for (size_t t = 0; t < T; t++)
        for (size_t i = 0; i < C; i++) {
            float *gate = gate_up + t * 2 * C + i, *up = gate + C, *d = dh + t * C + i;
            const float sigmoid = 1 / (1 + expf(-*gate)), silu = *gate * sigmoid;
            const float h = silu * *up;
            *gate = *d * *up * (sigmoid + silu * (1 - sigmoid));
            *up = *d * silu;
            *d = h;
        }
}
