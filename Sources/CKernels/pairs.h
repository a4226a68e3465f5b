// Products of panels of 32 columns with vdpbf16ps, which adds two products to each of 16 sums.
//
// A panel holds pairs along K, [K / 2][32][2], and is used for every row of x; a pair of x is broadcast from memory.
// 12 rows x 2 registers of sums leave room for the panel.
#ifndef PAIRS_H
#define PAIRS_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma,bmi2")))
#define PAIRS TARGET static inline __attribute__((unused))

enum { block_rows = 12, panel_columns = 32 };

// What a panel holds of one term: K numbers of each column, from `panel` on, for these columns of x.
typedef struct {
    const uint16_t *x;
    size_t x_stride;
    size_t K;
    const uint16_t *panel;
} piece;

// Sixteen rows of sixteen 32-bit words become sixteen columns.
PAIRS void transpose_words(__m512i r[16]) {
    __m512i t[16];
    for (int i = 0; i < 16; i += 2) {
        t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
        r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
        r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
        r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
        t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
        t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
        t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
    }
    for (int i = 0; i < 4; i++) {
        r[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
        r[i + 4] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88);
        r[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
        r[i + 12] = _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xdd);
    }
}

// Pairs along K lie next to each other in the rows of weight[N, K]: a transposition of 32-bit words, 16 x 16 at a time.
PAIRS void pack_rows(size_t columns, size_t K, const uint16_t *weight, size_t stride, uint16_t *panel) {
    const size_t pairs = (K + 1) / 2;
    for (size_t n = 0; n < panel_columns; n += 16)
        for (size_t p = 0; p < pairs; p += 16) {
            const size_t words = pairs - p < 16 ? pairs - p : 16, halves = K - 2 * p < 32 ? K - 2 * p : 32;
            const __mmask32 within = halves == 32 ? 0xffffffffu : (1u << halves) - 1;
            __m512i r[16];
            for (size_t i = 0; i < 16; i++)
                r[i] = n + i < columns ? _mm512_maskz_loadu_epi16(within, weight + (n + i) * stride + 2 * p)
                                       : _mm512_setzero_si512();
            transpose_words(r);
            for (size_t i = 0; i < words; i++)
                _mm512_store_si512(panel + ((p + i) * panel_columns + n) * 2, r[i]);
        }
}

// Pairs along K are two rows of weight[K, N], to be interleaved.
PAIRS void pack_columns(size_t columns, size_t K, const uint16_t *weight, size_t stride, uint16_t *panel) {
    const __mmask32 within = columns == 32 ? 0xffffffffu : (1u << columns) - 1;
    const __m512i low = _mm512_set_epi16(47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40, 8,  //
                                         39, 7, 38, 6, 37, 5, 36, 4, 35, 3, 34, 2, 33, 1, 32, 0);
    const __m512i high = _mm512_add_epi16(low, _mm512_set1_epi16(16));
    for (size_t k = 0; k < K; k += 2, panel += 2 * panel_columns) {
        const __m512i a = _mm512_maskz_loadu_epi16(within, weight + k * stride);
        const __m512i b =
            k + 1 < K ? _mm512_maskz_loadu_epi16(within, weight + (k + 1) * stride) : _mm512_setzero_si512();
        _mm512_store_si512(panel, _mm512_permutex2var_epi16(a, low, b));
        _mm512_store_si512(panel + panel_columns, _mm512_permutex2var_epi16(a, high, b));
    }
}

// Sums of `rows` rows of x, from row m on, against the whole panel. Always inlined with a constant number of rows.
PAIRS __attribute__((always_inline)) void block(const size_t rows, size_t columns, size_t count,
                                                               const piece *pieces, size_t m, int accumulate, float *y,
                                                               size_t y_stride) {
    __m512 s[block_rows][2];
    for (size_t r = 0; r < rows; r++) s[r][0] = s[r][1] = _mm512_setzero_ps();
    for (const piece *part = pieces; part < pieces + count; part++) {
        const size_t whole = part->K / 2, x_stride = part->x_stride;
        const uint16_t *x = part->x + m * x_stride, *panel = part->panel;
        for (size_t p = 0; p < whole; p++) {
            const __m512bh a = (__m512bh)_mm512_load_si512(panel + p * 2 * panel_columns);
            const __m512bh b = (__m512bh)_mm512_load_si512(panel + p * 2 * panel_columns + panel_columns);
#pragma clang loop unroll(full)
            for (size_t r = 0; r < rows; r++) {
                int32_t bits;
                memcpy(&bits, x + r * x_stride + 2 * p, sizeof bits);
                const __m512bh value = (__m512bh)_mm512_set1_epi32(bits);
                s[r][0] = _mm512_dpbf16_ps(s[r][0], value, a);
                s[r][1] = _mm512_dpbf16_ps(s[r][1], value, b);
            }
        }
        if (part->K % 2) {
            const __m512bh a = (__m512bh)_mm512_load_si512(panel + whole * 2 * panel_columns);
            const __m512bh b = (__m512bh)_mm512_load_si512(panel + whole * 2 * panel_columns + panel_columns);
            for (size_t r = 0; r < rows; r++) {
                // The last k has no partner.
                const __m512bh value = (__m512bh)_mm512_set1_epi32(x[r * x_stride + 2 * whole]);
                s[r][0] = _mm512_dpbf16_ps(s[r][0], value, a);
                s[r][1] = _mm512_dpbf16_ps(s[r][1], value, b);
            }
        }
    }
    const __mmask16 low = columns >= 16 ? 0xffff : (__mmask16)((1u << columns) - 1);
    const __mmask16 high = columns >= 32 ? 0xffff : columns <= 16 ? 0 : (__mmask16)((1u << (columns - 16)) - 1);
    for (size_t r = 0; r < rows; r++) {
        float *out = y + r * y_stride;
        if (accumulate) {
            s[r][0] = _mm512_add_ps(s[r][0], _mm512_maskz_loadu_ps(low, out));
            s[r][1] = _mm512_add_ps(s[r][1], _mm512_maskz_loadu_ps(high, out + 16));
        }
        _mm512_mask_storeu_ps(out, low, s[r][0]);
        _mm512_mask_storeu_ps(out + 16, high, s[r][1]);
    }
}

// Memory that will be read soon: `rows` of `lines` cache lines each, `stride` bytes apart, and how many were asked for.
typedef struct {
    const char *first;
    size_t rows, lines, stride, asked;
} upcoming;

PAIRS void ask_for(upcoming *ahead, size_t count) {
    const size_t all = ahead->rows * ahead->lines;
    for (; count > 0 && ahead->asked < all; count--, ahead->asked++)
        _mm_prefetch(ahead->first + ahead->asked / ahead->lines * ahead->stride + ahead->asked % ahead->lines * 64,
                     _MM_HINT_T1);
}

// All rows of x against a filled panel, while what is `ahead` comes into the cache.
PAIRS void multiply(size_t M, size_t columns, size_t count, const piece *pieces, int accumulate, float *y,
                    size_t y_stride, upcoming *ahead) {
    const size_t share = ahead->rows * ahead->lines * block_rows / (M > block_rows ? M : block_rows) + 1;
    size_t m = 0;
    for (; m + block_rows <= M; m += block_rows) {
        ask_for(ahead, share);
        block(block_rows, columns, count, pieces, m, accumulate, y + m * y_stride, y_stride);
    }
    for (; m + 4 <= M; m += 4) block(4, columns, count, pieces, m, accumulate, y + m * y_stride, y_stride);
    for (; m < M; m++) block(1, columns, count, pieces, m, accumulate, y + m * y_stride, y_stride);
}

#endif
