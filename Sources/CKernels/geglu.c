#include <math.h>

#include "dispatch.h"

static float gate_of(float x) { return 1 / (1 + expf(-1.5957691216057308f * (x + 0.044715f * x * x * x))); }

DISPATCH(void, hone_geglu_forward, (size_t T, size_t C, const float *gate_up, float *h), (T, C, gate_up, h))

void hone_geglu_forward_reference(size_t T, size_t C, const float *gate_up, float *h) {
    for (size_t t = 0; t < T; t++)
        for (size_t i = 0; i < C; i++) {
            const float x = gate_up[t * 2 * C + i], up = gate_up[t * 2 * C + C + i];
            h[t * C + i] = x * gate_of(x) * up;
        }
}

DISPATCH(void, hone_geglu_backward, (size_t T, size_t C, float *gate_up, float *dh), (T, C, gate_up, dh))

void hone_geglu_backward_reference(size_t T, size_t C, float *gate_up, float *dh) {
    for (size_t t = 0; t < T; t++)
        for (size_t i = 0; i < C; i++) {
            float *x = gate_up + t * 2 * C + i, *up = x + C, *d = dh + t * C + i;
            const float gate = gate_of(*x), gelu = *x * gate, h = gelu * *up;
            const float inner = 1.5957691216057308f * (1 + 3 * 0.044715f * *x * *x);
            *x = *d * *up * (gate + gelu * (1 - gate) * inner);
            *up = *d * gelu;
            *d = h;
        }
}
