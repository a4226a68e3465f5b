#include <math.h>

#include "dispatch.h"

DISPATCH(void, hone_cross_entropy,
         (size_t T, size_t V, float *logits, const int32_t *targets, int gradient, float *loss),
         (T, V, logits, targets, gradient, loss))

void hone_cross_entropy_reference(size_t T, size_t V, float *logits, const int32_t *targets, int gradient,
                                  float *loss) {
    for (size_t t = 0; t < T; t++, logits += V) {
        double largest = -INFINITY, sum = 0;
        for (size_t i = 0; i < V; i++) largest = fmax(largest, logits[i]);
        for (size_t i = 0; i < V; i++) sum += exp(logits[i] - largest);
        loss[t] = (float)(log(sum) + largest - logits[targets[t]]);
        if (!gradient) continue;
        for (size_t i = 0; i < V; i++) logits[i] = (float)(exp(logits[i] - largest) / sum);
        logits[targets[t]] -= 1;
    }
}
