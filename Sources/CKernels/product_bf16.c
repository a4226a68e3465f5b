#include <math.h>
#include <string.h>

#include "dispatch.h"

#define PARAMETERS                                                                                                    \
    size_t M, size_t N, size_t terms, const hone_term_bf16 *term, int transposed, int accumulate, float *y,           \
        size_t y_stride, void *scratch
#define ARGUMENTS M, N, terms, term, transposed, accumulate, y, y_stride, scratch

void hone_product_bf16_avx2(PARAMETERS);
void hone_product_bf16_avx512(PARAMETERS);
void hone_product_bf16_baseline(PARAMETERS);
void hone_product_bf16_pairs(PARAMETERS);

void hone_product_bf16(PARAMETERS) {
#if defined(__x86_64__)
    switch (hone_instruction_set()) {
        case hone_instructions_avx512_bf16: hone_product_bf16_pairs(ARGUMENTS); return;
        case hone_instructions_avx512: hone_product_bf16_avx512(ARGUMENTS); return;
        case hone_instructions_avx2: hone_product_bf16_avx2(ARGUMENTS); return;
        default: break;
    }
#endif
    hone_product_bf16_baseline(ARGUMENTS);
}

static float widened(uint16_t x) {
    const uint32_t bits = (uint32_t)x << 16;
    float y;
    memcpy(&y, &bits, sizeof y);
    return y;
}

void hone_product_bf16_reference(PARAMETERS) {
    (void)scratch;
    for (size_t m = 0; m < M; m++)
        for (size_t n = 0; n < N; n++) {
            double sum = accumulate ? y[m * y_stride + n] : 0;
            for (const hone_term_bf16 *t = term; t < term + terms; t++)
                for (size_t k = 0; k < t->K; k++) {
                    const size_t at = transposed ? k * t->weight_stride + n : n * t->weight_stride + k;
                    sum += (double)widened(t->x[m * t->x_stride + k]) * widened(t->weight[at]);
                }
            y[m * y_stride + n] = (float)sum;
        }
}

void hone_narrow_bf16_avx2(size_t n, const float *x, uint16_t *y);
void hone_narrow_bf16_avx512(size_t n, const float *x, uint16_t *y);
void hone_narrow_bf16_baseline(size_t n, const float *x, uint16_t *y);
void hone_narrow_bf16_pairs(size_t n, const float *x, uint16_t *y);

void hone_narrow_bf16(size_t n, const float *x, uint16_t *y) {
#if defined(__x86_64__)
    switch (hone_instruction_set()) {
        case hone_instructions_avx512_bf16: hone_narrow_bf16_pairs(n, x, y); return;
        case hone_instructions_avx512: hone_narrow_bf16_avx512(n, x, y); return;
        case hone_instructions_avx2: hone_narrow_bf16_avx2(n, x, y); return;
        default: break;
    }
#endif
    hone_narrow_bf16_baseline(n, x, y);
}

static uint16_t narrowed(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return isnan(x) ? (uint16_t)(bits >> 16 | 0x40) : (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

void hone_narrow_bf16_reference(size_t n, const float *x, uint16_t *y) {
    for (size_t i = 0; i < n; i++) y[i] = narrowed(x[i]);
}

void hone_narrow_transposed_bf16(size_t rows, size_t columns, const float *x, size_t stride, uint16_t *y) {
    // 32 numbers of y fill a cache line.
    for (size_t row = 0; row < rows; row += 32)
        for (size_t column = 0; column < columns; column++)
            for (size_t r = row; r < rows && r < row + 32; r++)
                y[column * rows + r] = narrowed(x[r * stride + column]);
}
