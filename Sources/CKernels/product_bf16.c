#include <math.h>
#include <string.h>

#include "dispatch.h"

enum { panel_columns = 32 };

// A panel of 32 columns over all of K, as float32 for the sets that have no bfloat16 products.
size_t hone_product_bf16_scratch(size_t K) { return panel_columns * (K + 1) * sizeof(float); }

void hone_product_bf16_avx2(size_t M, size_t N, size_t K, const uint16_t *x, size_t x_stride, const uint16_t *weight,
                            size_t weight_stride, int transposed, int accumulate, float *y, size_t y_stride,
                            void *scratch);
void hone_product_bf16_avx512(size_t M, size_t N, size_t K, const uint16_t *x, size_t x_stride, const uint16_t *weight,
                              size_t weight_stride, int transposed, int accumulate, float *y, size_t y_stride,
                              void *scratch);
void hone_product_bf16_baseline(size_t M, size_t N, size_t K, const uint16_t *x, size_t x_stride,
                                const uint16_t *weight, size_t weight_stride, int transposed, int accumulate, float *y,
                                size_t y_stride, void *scratch);
void hone_product_bf16_pairs(size_t M, size_t N, size_t K, const uint16_t *x, size_t x_stride, const uint16_t *weight,
                             size_t weight_stride, int transposed, int accumulate, float *y, size_t y_stride,
                             void *scratch);

void hone_product_bf16(size_t M, size_t N, size_t K, const uint16_t *x, size_t x_stride, const uint16_t *weight,
                       size_t weight_stride, int transposed, int accumulate, float *y, size_t y_stride, void *scratch) {
#if defined(__x86_64__)
    switch (hone_instruction_set()) {
        case hone_instructions_avx512_bf16:
            hone_product_bf16_pairs(M, N, K, x, x_stride, weight, weight_stride, transposed, accumulate, y, y_stride,
                                    scratch);
            return;
        case hone_instructions_avx512:
            hone_product_bf16_avx512(M, N, K, x, x_stride, weight, weight_stride, transposed, accumulate, y, y_stride,
                                     scratch);
            return;
        case hone_instructions_avx2:
            hone_product_bf16_avx2(M, N, K, x, x_stride, weight, weight_stride, transposed, accumulate, y, y_stride,
                                   scratch);
            return;
        default: break;
    }
#endif
    hone_product_bf16_baseline(M, N, K, x, x_stride, weight, weight_stride, transposed, accumulate, y, y_stride,
                               scratch);
}

static float widened(uint16_t x) {
    const uint32_t bits = (uint32_t)x << 16;
    float y;
    memcpy(&y, &bits, sizeof y);
    return y;
}

void hone_product_bf16_reference(size_t M, size_t N, size_t K, const uint16_t *x, size_t x_stride,
                                 const uint16_t *weight, size_t weight_stride, int transposed, int accumulate, float *y,
                                 size_t y_stride, void *scratch) {
    (void)scratch;
    for (size_t m = 0; m < M; m++)
        for (size_t n = 0; n < N; n++) {
            double sum = accumulate ? y[m * y_stride + n] : 0;
            for (size_t k = 0; k < K; k++) {
                const uint16_t w = transposed ? weight[k * weight_stride + n] : weight[n * weight_stride + k];
                sum += (double)widened(x[m * x_stride + k]) * widened(w);
            }
            y[m * y_stride + n] = (float)sum;
        }
}

DISPATCH(void, hone_narrow_bf16, (size_t n, const float *x, uint16_t *y), (n, x, y))

void hone_narrow_bf16_reference(size_t n, const float *x, uint16_t *y) {
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        y[i] = isnan(x[i]) ? (uint16_t)(bits >> 16 | 0x40) : (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
    }
}
