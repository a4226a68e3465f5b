#include "dispatch.h"

DISPATCH(void, hone_rope,
         (size_t T, size_t heads, size_t D, size_t rotated, const int32_t *positions, const float *cosines,
          const float *sines, float direction, float *x, size_t stride),
         (T, heads, D, rotated, positions, cosines, sines, direction, x, stride))

void hone_rope_reference(size_t T, size_t heads, size_t D, size_t rotated, const int32_t *positions,
                         const float *cosines, const float *sines, float direction, float *x, size_t stride) {
    for (size_t t = 0; t < T; t++)
        for (size_t h = 0; h < heads; h++)
            for (size_t i = 0; i < rotated / 2; i++) {
                const size_t entry = (size_t)positions[t] * (rotated / 2) + i;
                float *low = x + t * stride + h * D + i, *high = low + rotated / 2;
                const float a = *low, b = *high, cosine = cosines[entry], sine = direction * sines[entry];
                *low = a * cosine - b * sine;
                *high = b * cosine + a * sine;
            }
}
