#include <math.h>

#include "dispatch.h"

DISPATCH(void, hone_rmsnorm_forward,
         (size_t T, size_t C, const float *x, const float *delta, const float *weight, float epsilon, float *sum,
          float *y, float *inverse),
         (T, C, x, delta, weight, epsilon, sum, y, inverse))

void hone_rmsnorm_forward_reference(size_t T, size_t C, const float *x, const float *delta, const float *weight,
                                    float epsilon, float *sum, float *y, float *inverse) {
    for (size_t t = 0; t < T; t++) {
        double squares = 0;
        for (size_t i = 0; i < C; i++) {
            const float s = delta != NULL ? x[t * C + i] + delta[t * C + i] : x[t * C + i];
            if (delta != NULL) sum[t * C + i] = s;
            y[t * C + i] = s;
            squares += (double)s * s;
        }
        inverse[t] = (float)(1 / sqrt(squares / (double)C + epsilon));
        for (size_t i = 0; i < C; i++) y[t * C + i] *= inverse[t] * weight[i];
    }
}

DISPATCH(void, hone_rmsnorm_backward,
         (size_t T, size_t C, const float *dy, const float *x, const float *weight, const float *inverse,
          const float *residual, float *dx, float *dweight),
         (T, C, dy, x, weight, inverse, residual, dx, dweight))

// With n = x * inverse and g = dy * weight: dx = inverse * (g - n * mean(g * n)).
void hone_rmsnorm_backward_reference(size_t T, size_t C, const float *dy, const float *x, const float *weight,
                                     const float *inverse, const float *residual, float *dx, float *dweight) {
    for (size_t t = 0; t < T; t++) {
        double projection = 0;
        for (size_t i = 0; i < C; i++)
            projection += (double)dy[t * C + i] * weight[i] * x[t * C + i] * inverse[t];
        for (size_t i = 0; i < C; i++) {
            const float n = x[t * C + i] * inverse[t], dy_i = dy[t * C + i];
            const float d = inverse[t] * (dy_i * weight[i] - n * (float)(projection / (double)C));
            dx[t * C + i] = (residual != NULL ? residual[t * C + i] : 0) + d;
            if (dweight != NULL) dweight[i] += dy_i * n;
        }
    }
}
