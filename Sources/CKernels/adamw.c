#include <math.h>

#include "dispatch.h"

DISPATCH(void, hone_adamw,
         (size_t n, const hone_adamw_step *step, const float *gradient, float *value, float *m, float *v),
         (n, step, gradient, value, m, v))

void hone_adamw_reference(size_t n, const hone_adamw_step *step, const float *gradient, float *value, float *m,
                          float *v) {
    for (size_t i = 0; i < n; i++) {
        const float g = gradient[i] * step->gradient_scale;
        value[i] *= 1 - step->learning_rate * step->weight_decay;
        m[i] += (g - m[i]) * (1 - step->beta1);
        v[i] = v[i] * step->beta2 + g * g * (1 - step->beta2);
        const float denominator = sqrtf(v[i]) / step->correction2_sqrt + step->epsilon;
        value[i] -= step->learning_rate / step->correction1 * m[i] / denominator;
    }
}
