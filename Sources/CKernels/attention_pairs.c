// Attention in bfloat16 with vdpbf16ps: 24 queries at a time against all their keys, every product one of `pairs.h`.
//
// Scores, weights and their sums are float32; what is multiplied is rounded. Keys and values are brought into panels
// once for all queries that share them. Gradients of keys and values are summed transposed, [D][keys], because few rows
// of many columns suit the product, and turned at the end.
#include <math.h>
#include <string.h>

#include "dispatch.h"

#if defined(__x86_64__)
#pragma clang diagnostic ignored "-Wpsabi"
#include "pairs.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma,bmi2"))), apply_to = function)
#include "vector/vector.h"

#include "vector/attention_rows.h"

enum { tile = 2 * block_rows };

// What one call works on, in its scratch. Every part begins at a cache line.
typedef struct {
    size_t D, width, keys, pitch;
    uint8_t *next;
} room;

INLINE void *take(room *r, size_t bytes) {
    void *part = r->next;
    r->next += round_up(bytes, 64);
    return part;
}

INLINE room room_of(const hone_attention *a) {
    const size_t keys = chain_rows(a);
    return (room){a->D, round_up(a->D, panel_columns), keys, round_up(keys, panel_columns),
                  (uint8_t *)round_up((uintptr_t)a->scratch, 64)};
}

INLINE void narrow_row(size_t n, const float *x, uint16_t *y) {
    for (size_t i = 0; i < n; i += LANES) {
        const __mmask16 within = n - i >= LANES ? 0xffff : (__mmask16)((1u << (n - i)) - 1);
        _mm256_mask_storeu_epi16(y + i, within, (__m256i)_mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(within, x + i)));
    }
}

// The rows of a chain, one after the other, and zeros up to `pitch`.
INLINE void narrow_chain(const hone_attention *a, const room *r, const float *x, uint16_t *rows) {
    uint16_t *row = rows;
    for (size_t s = 0; s < a->chain_length; s++)
        for (size_t i = 0; i < a->chain[s].count; i++, row += r->D)
            narrow_row(r->D, x + (a->chain[s].start + i) * a->stride, row);
    memset(row, 0, (r->pitch - r->keys) * r->D * sizeof *row);
}

// Panels of 32 keys, [keys / 32][D / 2][32][2]: for products that sum over features.
INLINE uint16_t *panels_of_keys(room *r, const uint16_t *rows) {
    const size_t size = round_up(r->D, 2) * panel_columns;
    uint16_t *panels = take(r, r->pitch / panel_columns * size * sizeof *panels);
    for (size_t key = 0; key < r->pitch; key += panel_columns)
        pack_rows(panel_columns, r->D, rows + key * r->D, r->D, panels + key / panel_columns * size);
    return panels;
}

// Panels of 32 features, [D / 32][keys / 2][32][2]: for products that sum over keys.
INLINE uint16_t *panels_of_features(room *r, const uint16_t *rows) {
    uint16_t *panels = take(r, r->pitch * r->width * sizeof *panels);
    for (size_t d = 0; d < r->D; d += panel_columns) {
        const size_t columns = r->D - d < panel_columns ? r->D - d : panel_columns;
        pack_columns(columns, r->pitch, rows + d, r->D, panels + d * r->pitch);
    }
    return panels;
}

// y[columns, rows of a tile] = x[rows, columns] turned.
INLINE void turn(size_t rows, size_t columns, const float *x, size_t stride, uint16_t *y) {
    for (size_t row = 0; row < rows; row += LANES) {
        const size_t count = rows - row < LANES ? rows - row : LANES;
        const __mmask16 kept = (__mmask16)((1u << count) - 1);
        for (size_t column = 0; column < columns; column += LANES) {
            const size_t wide = columns - column < LANES ? columns - column : LANES;
            const __mmask16 within = (__mmask16)((1u << wide) - 1);
            __m512i r[16];
            for (size_t i = 0; i < 16; i++)
                r[i] = i < count ? _mm512_maskz_loadu_epi32(within, x + (row + i) * stride + column)
                                 : _mm512_setzero_si512();
            transpose_words(r);
            for (size_t i = 0; i < wide; i++)
                _mm256_mask_storeu_epi16(y + (column + i) * tile + row, kept,
                                         (__m256i)_mm512_cvtneps_pbh(_mm512_castsi512_ps(r[i])));
        }
    }
}

INLINE void product(size_t rows, const piece *part, int accumulate, float *y, size_t stride) {
    upcoming none = {0};
    multiply(rows, panel_columns, 1, part, accumulate, y, stride, &none);
}

// y[rows, keys] = x[rows, D] . keys, from key number `from` to `reach`, both multiples of 32.
INLINE void scores(const room *r, size_t rows, const uint16_t *x, const uint16_t *panels, size_t from, size_t reach,
                   float *y) {
    const size_t size = round_up(r->D, 2) * panel_columns;
    for (size_t key = from; key < reach; key += panel_columns) {
        const piece part = {x, r->D, r->D, panels + key / panel_columns * size};
        product(rows, &part, 0, y + key, r->pitch);
    }
}

// y[rows, D] = sum over keys `from` ... `seen` - 1 of x[rows, key] * row of the key.
INLINE void weighted(const room *r, size_t rows, const uint16_t *x, const uint16_t *panels, size_t from, size_t seen,
                     float *y) {
    for (size_t d = 0; d < r->width; d += panel_columns) {
        const piece part = {x + from, r->pitch, seen - from, panels + d * r->pitch + from * panel_columns};
        product(rows, &part, 0, y + d, r->width);
    }
}

// sums[D, keys] += turned[D, rows] . x[rows, keys]
INLINE void outer(const room *r, size_t rows, const uint16_t *turned, const uint16_t *x, size_t from, size_t reach,
                  uint16_t *panel, float *sums) {
    for (size_t key = from; key < reach; key += panel_columns) {
        pack_columns(panel_columns, rows, x + key, r->pitch, panel);
        const piece part = {turned, tile, rows, panel};
        product(r->D, &part, 1, sums + key, r->pitch);
    }
}

// Adds sums[D, keys] to the rows of the chain.
INLINE void add_turned(const hone_attention *a, const room *r, const float *sums, float *x) {
    size_t first = 0;
    for (size_t s = 0; s < a->chain_length; first += a->chain[s++].count)
        for (size_t i = 0; i < a->chain[s].count; i += LANES) {
            const size_t count = a->chain[s].count - i < LANES ? a->chain[s].count - i : LANES;
            const __mmask16 kept = (__mmask16)((1u << count) - 1);
            float *rows = x + (a->chain[s].start + i) * a->stride;
            for (size_t d = 0; d < r->D; d += LANES) {
                const size_t wide = r->D - d < LANES ? r->D - d : LANES;
                const __mmask16 within = (__mmask16)((1u << wide) - 1);
                __m512i block[16];
                for (size_t k = 0; k < 16; k++)
                    block[k] = k < wide ? _mm512_maskz_loadu_epi32(kept, sums + (d + k) * r->pitch + first + i)
                                        : _mm512_setzero_si512();
                transpose_words(block);
                for (size_t k = 0; k < count; k++) {
                    float *target = rows + k * a->stride + d;
                    const __m512 sum = _mm512_add_ps(_mm512_maskz_loadu_ps(within, target), _mm512_castsi512_ps(block[k]));
                    _mm512_mask_storeu_ps(target, within, sum);
                }
            }
        }
}

// Scores of a row are to be multiplied by what this returns; where they are capped, that has been done.
INLINE float scale_scores(const hone_attention *a, size_t from, size_t reach, float *row) {
    if (a->softcap == 0) return a->scale;
    for (size_t key = from; key < reach; key += LANES) store(row + key, splat(a->scale) * load(row + key));
    cap_row(from, reach, a->softcap, row);
    return 1;
}

void hone_attention_forward_pairs(const hone_attention *a) {
    room r = room_of(a);
    const hone_span own = a->chain[a->chain_length - 1];
    const size_t before = r.keys - own.count, D = r.D;
    uint16_t *chain = take(&r, r.pitch * D * sizeof *chain);
    narrow_chain(a, &r, a->k, chain);
    const uint16_t *keys = panels_of_keys(&r, chain);
    narrow_chain(a, &r, a->v, chain);
    const uint16_t *values = panels_of_features(&r, chain);
    uint16_t *q = take(&r, tile * D * sizeof *q), *weights = take(&r, tile * r.pitch * sizeof *weights);
    float *sums = take(&r, tile * r.pitch * sizeof *sums), *out = take(&r, tile * r.width * sizeof *out);

    for (size_t h = 0; h < a->group; h++)
        for (size_t i = 0; i < own.count; i += tile) {
            const size_t count = own.count - i < tile ? own.count - i : tile, seen = before + i + count;
            const size_t reach = round_up(seen, panel_columns);
            const size_t from = first_seen(a->window, before + i) / panel_columns * panel_columns;
            for (size_t t = 0; t < count; t++)
                narrow_row(D, a->q + (own.start + i + t) * a->stride + h * D, q + t * D);
            scores(&r, count, q, keys, from, reach, sums);
            float totals[tile];
            for (size_t t = 0; t < count; t++) {
                float *row = sums + t * r.pitch;
                const size_t last = before + i + t, first = first_seen(a->window, last);
                const float factor = scale_scores(a, from, reach, row);
                const float top = factor * largest_of(last + 1 - first, row + first);
                totals[t] = exp_window(from, first, last + 1, reach, factor, top, row);
                a->lse[(own.start + i + t) * a->lse_stride + h] = top + logf(totals[t]);
                narrow_row(reach - from, row + from, weights + t * r.pitch + from);
            }
            weighted(&r, count, weights, values, from, seen, out);
            for (size_t t = 0; t < count; t++) {
                float *target = a->out + (own.start + i + t) * a->out_stride + h * D;
                for (size_t d = 0; d < D; d++) target[d] = out[t * r.width + d] / totals[t];
            }
        }
}

void hone_attention_backward_pairs(const hone_attention *a, const float *dout, float *dq, float *dk, float *dv) {
    room r = room_of(a);
    const hone_span own = a->chain[a->chain_length - 1];
    const size_t before = r.keys - own.count, D = r.D;
    uint16_t *chain = take(&r, r.pitch * D * sizeof *chain);
    narrow_chain(a, &r, a->v, chain);
    const uint16_t *values = panels_of_keys(&r, chain);
    narrow_chain(a, &r, a->k, chain);
    const uint16_t *keys = panels_of_keys(&r, chain), *keys_by_feature = panels_of_features(&r, chain);
    uint16_t *rows = take(&r, tile * D * sizeof *rows), *panel = take(&r, tile * panel_columns * sizeof *panel);
    uint16_t *q_turned = take(&r, tile * D * sizeof *q_turned), *dout_turned = take(&r, tile * D * sizeof *dout_turned);
    uint16_t *weights = take(&r, tile * r.pitch * sizeof *weights), *dsums = take(&r, tile * r.pitch * sizeof *dsums);
    float *sums = take(&r, tile * r.pitch * sizeof *sums), *dweights = take(&r, tile * r.pitch * sizeof *dweights);
    float *dq_rows = take(&r, tile * r.width * sizeof *dq_rows);
    float *dk_turned = take(&r, D * r.pitch * sizeof *dk_turned), *dv_turned = take(&r, D * r.pitch * sizeof *dv_turned);
    memset(dk_turned, 0, D * r.pitch * sizeof *dk_turned);
    memset(dv_turned, 0, D * r.pitch * sizeof *dv_turned);

    for (size_t h = 0; h < a->group; h++)
        for (size_t i = 0; i < own.count; i += tile) {
            const size_t count = own.count - i < tile ? own.count - i : tile, seen = before + i + count;
            const size_t reach = round_up(seen, panel_columns), row0 = own.start + i;
            const size_t from = first_seen(a->window, before + i) / panel_columns * panel_columns;
            const float *q = a->q + row0 * a->stride + h * D, *d_out = dout + row0 * a->out_stride + h * D;
            for (size_t t = 0; t < count; t++) narrow_row(D, q + t * a->stride, rows + t * D);
            scores(&r, count, rows, keys, from, reach, sums);
            for (size_t t = 0; t < count; t++) narrow_row(D, d_out + t * a->out_stride, rows + t * D);
            scores(&r, count, rows, values, from, reach, dweights);
            for (size_t t = 0; t < count; t++) {
                float *row = sums + t * r.pitch, *drow = dweights + t * r.pitch;
                const size_t last = before + i + t, first = first_seen(a->window, last);
                const float *o = a->out + (row0 + t) * a->out_stride + h * D;
                float along = 0;
                for (size_t d = 0; d < D; d++) along += o[d] * d_out[t * a->out_stride + d];
                const float factor = scale_scores(a, from, reach, row);
                if (a->softcap > 0) {
                    cap_slopes(from, reach, a->softcap, row, drow, along);
                    along = 0;
                }
                exp_window(from, first, last + 1, reach, factor, a->lse[(row0 + t) * a->lse_stride + h], row);
                for (size_t key = from; key < reach; key += LANES)
                    store(drow + key, load(row + key) * (load(drow + key) - splat(along)) * splat(a->scale));
                narrow_row(reach - from, row + from, weights + t * r.pitch + from);
                narrow_row(reach - from, drow + from, dsums + t * r.pitch + from);
            }
            weighted(&r, count, dsums, keys_by_feature, from, seen, dq_rows);
            for (size_t t = 0; t < count; t++)
                memcpy(dq + (row0 + t) * a->stride + h * D, dq_rows + t * r.width, D * sizeof(float));
            turn(count, D, q, a->stride, q_turned);
            outer(&r, count, q_turned, dsums, from, reach, panel, dk_turned);
            turn(count, D, d_out, a->out_stride, dout_turned);
            outer(&r, count, dout_turned, weights, from, reach, panel, dv_turned);
        }
    add_turned(a, &r, dk_turned, dk);
    add_turned(a, &r, dv_turned, dv);
}
#pragma clang attribute pop
#endif
