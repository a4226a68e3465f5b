// Products of bfloat16 with vdpbf16ps.
//
// A panel of 32 columns of W holds up to `depth` numbers of each column, of several terms where they are short: a
// low-rank term rides along with the product it belongs to. Too few rows to pay for a panel are dotted with the rows of
// W directly.
#include <math.h>
#include <string.h>

#include "dispatch.h"

#if defined(__x86_64__)
#include "pairs.h"

enum { few_rows = 8, most_pieces = 4 };

TARGET void hone_narrow_bf16_pairs(size_t n, const float *x, uint16_t *y) {
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        const __m512 v = _mm512_loadu_ps(x + i);
        // The instruction takes numbers below 2^-126 for 0.
        if (_mm512_fpclass_ps_mask(v, 0x20)) {
            hone_narrow_bf16_reference(16, x + i, y + i);
        } else {
            _mm256_storeu_si256((__m256i *)(y + i), (__m256i)_mm512_cvtneps_pbh(v));
        }
    }
    if (i < n) hone_narrow_bf16_reference(n - i, x + i, y + i);
}

// `rows` rows of x, from row m on, with row n of weight[N, K]. Always inlined with a constant number of rows. Weights are
// read strictly one after the other: anything else loses half of the memory's speed.
TARGET static inline __attribute__((always_inline)) void dots(const size_t rows, size_t terms,
                                                              const hone_term_bf16 *term, size_t m, size_t n,
                                                              int accumulate, float *y, size_t y_stride) {
    __m512 s[few_rows][2];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) s[r][0] = s[r][1] = _mm512_setzero_ps();
    for (const hone_term_bf16 *t = term; t < term + terms; t++) {
        const uint16_t *x = t->x + m * t->x_stride, *weight = t->weight + n * t->weight_stride;
        size_t k = 0;
        for (; k + 64 <= t->K; k += 64) {
            const __m512bh a = (__m512bh)_mm512_loadu_si512(weight + k);
            const __m512bh b = (__m512bh)_mm512_loadu_si512(weight + k + 32);
#pragma clang loop unroll(full)
            for (size_t r = 0; r < rows; r++) {
                const uint16_t *row = x + r * t->x_stride + k;
                s[r][0] = _mm512_dpbf16_ps(s[r][0], (__m512bh)_mm512_loadu_si512(row), a);
                s[r][1] = _mm512_dpbf16_ps(s[r][1], (__m512bh)_mm512_loadu_si512(row + 32), b);
            }
        }
        for (; k < t->K; k += 32) {
            const __mmask32 within = t->K - k >= 32 ? 0xffffffffu : (1u << (t->K - k)) - 1;
            const __m512bh a = (__m512bh)_mm512_maskz_loadu_epi16(within, weight + k);
#pragma clang loop unroll(full)
            for (size_t r = 0; r < rows; r++) {
                const uint16_t *row = x + r * t->x_stride + k;
                s[r][0] = _mm512_dpbf16_ps(s[r][0], (__m512bh)_mm512_maskz_loadu_epi16(within, row), a);
            }
        }
    }
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        float *out = y + (m + r) * y_stride + n;
        *out = _mm512_reduce_add_ps(_mm512_add_ps(s[r][0], s[r][1])) + (accumulate ? *out : 0);
    }
}

TARGET static void multiply_few(size_t M, size_t N, size_t terms, const hone_term_bf16 *term, int accumulate, float *y,
                                size_t y_stride) {
    for (size_t n = 0; n < N; n++) {
        size_t m = 0;
        for (; m + 8 <= M; m += 8) dots(8, terms, term, m, n, accumulate, y, y_stride);
        for (; m + 4 <= M; m += 4) dots(4, terms, term, m, n, accumulate, y, y_stride);
        for (; m < M; m++) dots(1, terms, term, m, n, accumulate, y, y_stride);
    }
}

// What of the first term the panel at column n is made of.
static upcoming panel_at(size_t n, size_t N, const hone_term_bf16 *term, int transposed) {
    if (n >= N) return (upcoming){0};
    const size_t columns = N - n < panel_columns ? N - n : panel_columns, stride = term->weight_stride * 2;
    const char *first = (const char *)(term->weight + (transposed ? n : n * term->weight_stride));
    return transposed ? (upcoming){first, term->K, 1, stride, 0}
                      : (upcoming){first, columns, (term->K + 31) / 32, stride, 0};
}

TARGET void hone_product_bf16_pairs(size_t M, size_t N, size_t terms, const hone_term_bf16 *term, int transposed,
                                    int accumulate, float *y, size_t y_stride, void *scratch) {
    if (!transposed && M <= few_rows) {
        multiply_few(M, N, terms, term, accumulate, y, y_stride);
        return;
    }
    for (size_t n = 0; n < N; n += panel_columns) {
        const size_t columns = N - n < panel_columns ? N - n : panel_columns;
        size_t t = 0, first = 0;
        int adding = accumulate;
        do {
            piece pieces[most_pieces];
            uint16_t *panel = scratch;
            size_t count = 0, room = hone_product_bf16_depth;
            for (; t < terms && count < most_pieces && room > 0; count++) {
                const size_t rest = term[t].K - first, K = rest < room ? rest : room;
                const size_t stride = term[t].weight_stride;
                pieces[count] = (piece){term[t].x + first, term[t].x_stride, K, panel};
                if (transposed) {
                    pack_columns(columns, K, term[t].weight + first * stride + n, stride, panel);
                } else {
                    pack_rows(columns, K, term[t].weight + n * stride + first, stride, panel);
                }
                panel += (K + 1) / 2 * 2 * panel_columns;
                room -= (K + 1) / 2 * 2;
                first += K;
                if (first == term[t].K) {
                    t++;
                    first = 0;
                }
            }
            upcoming ahead = t == terms ? panel_at(n + panel_columns, N, term, transposed) : (upcoming){0};
            multiply(M, columns, count, pieces, adding, y + n, y_stride, &ahead);
            adding = 1;
        } while (t < terms);
    }
}
#endif
