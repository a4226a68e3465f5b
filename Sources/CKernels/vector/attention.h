// Eight queries at a time against all their keys. Keys are packed 16 to a block, transposed ([block][D][16]), so that a
// vector holds the scores of 16 keys; values are rows, so that a vector holds 16 features. Query tiles are copied to
// rows of `width` floats, padded with zeros. Sums stay in registers: 8 x 2 of 32 with AVX-512, where V is one register,
// else 4 x 1 vectors of two or four registers each.

enum { tile = 8, block_rows = VECTOR_BLOCK_ROWS, block_columns = VECTOR_BLOCK_COLUMNS };

INLINE void pack_transposed(size_t D, size_t first, size_t rows, const float *x, size_t stride, float *packed) {
    for (size_t r = 0; r < rows; r++) {
        const size_t key = first + r;
        float *lane = packed + key / LANES * (D * LANES) + key % LANES;
        for (size_t d = 0; d < D; d++) lane[d * LANES] = x[r * stride + d];
    }
}

INLINE void copy_rows(size_t D, size_t width, size_t rows, const float *x, size_t stride, float factor, float *y) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t d = 0; d < D; d++) y[r * width + d] = x[r * stride + d] * factor;
        for (size_t d = D; d < width; d++) y[r * width + d] = 0;
    }
}

// scores[r][key] = rows[r] . key, for keys rounded up to a multiple of 32.
INLINE void tile_scores(size_t D, size_t width, size_t keys, const float *rows, const float *packed, float *scores,
                        size_t pitch) {
    for (size_t key = 0; key < keys; key += block_columns * LANES)
        for (size_t row = 0; row < tile; row += block_rows) {
            V s[block_rows][block_columns];
            for (int r = 0; r < block_rows; r++)
                for (int c = 0; c < block_columns; c++) s[r][c] = splat(0);
            for (size_t d = 0; d < D; d++) {
                V k[block_columns];
                for (int c = 0; c < block_columns; c++)
                    k[c] = load(packed + (key + (size_t)c * LANES) * D + d * LANES);
#pragma clang loop unroll(full)
                for (int r = 0; r < block_rows; r++) {
                    const V q = splat(rows[(row + (size_t)r) * width + d]);
                    for (int c = 0; c < block_columns; c++) s[r][c] += q * k[c];
                }
            }
#pragma clang loop unroll(full)
            for (int r = 0; r < block_rows; r++)
                for (int c = 0; c < block_columns; c++)
                    store(scores + (row + (size_t)r) * pitch + key + (size_t)c * LANES, s[r][c]);
        }
}

// out[r] = sum over keys of weights[r][key] * values[key].
INLINE void tile_weighted(size_t width, size_t keys, const float *weights, size_t pitch, const float *values,
                          float *out) {
    for (size_t column = 0; column < width; column += block_columns * LANES)
        for (size_t row = 0; row < tile; row += block_rows) {
            V s[block_rows][block_columns];
            for (int r = 0; r < block_rows; r++)
                for (int c = 0; c < block_columns; c++) s[r][c] = splat(0);
            for (size_t key = 0; key < keys; key++) {
                V v[block_columns];
                for (int c = 0; c < block_columns; c++)
                    v[c] = load(values + key * width + column + (size_t)c * LANES);
#pragma clang loop unroll(full)
                for (int r = 0; r < block_rows; r++) {
                    const V w = splat(weights[(row + (size_t)r) * pitch + key]);
                    for (int c = 0; c < block_columns; c++) s[r][c] += w * v[c];
                }
            }
#pragma clang loop unroll(full)
            for (int r = 0; r < block_rows; r++)
                for (int c = 0; c < block_columns; c++)
                    store(out + (row + (size_t)r) * width + column + (size_t)c * LANES, s[r][c]);
        }
}

// sums[key] += sum over r of weights[r][key] * rows[r].
INLINE void tile_outer(size_t width, size_t keys, const float *weights, size_t pitch, const float *rows, float *sums) {
    for (size_t column = 0; column < width; column += block_columns * LANES)
        for (size_t row = 0; row < tile; row += block_rows) {
            V x[block_rows][block_columns];
            for (int r = 0; r < block_rows; r++)
                for (int c = 0; c < block_columns; c++)
                    x[r][c] = load(rows + (row + (size_t)r) * width + column + (size_t)c * LANES);
            for (size_t key = 0; key < keys; key++) {
                float *sum = sums + key * width + column;
                V s[block_columns];
                for (int c = 0; c < block_columns; c++) s[c] = load(sum + (size_t)c * LANES);
#pragma clang loop unroll(full)
                for (int r = 0; r < block_rows; r++) {
                    const V w = splat(weights[(row + (size_t)r) * pitch + key]);
                    for (int c = 0; c < block_columns; c++) s[c] += w * x[r][c];
                }
                for (int c = 0; c < block_columns; c++) store(sum + (size_t)c * LANES, s[c]);
            }
        }
}

void NAME(hone_attention_forward)(const hone_attention *a) {
    const size_t D = a->D, width = round_up(D, 2 * LANES), keys = chain_rows(a), pitch = round_up(keys, 2 * LANES);
    const hone_span own = a->chain[a->chain_length - 1];
    const size_t before = keys - own.count;
    float *packed = a->scratch, *values = packed + pitch * D, *weights = values + pitch * width;
    float *rows = weights + tile * pitch, *out = rows + tile * width;

    memset(packed + keys / LANES * LANES * D, 0, (pitch - keys / LANES * LANES) * D * sizeof(float));
    size_t first = 0;
    for (size_t s = 0; s < a->chain_length; s++) {
        const hone_span span = a->chain[s];
        pack_transposed(D, first, span.count, a->k + span.start * a->stride, a->stride, packed);
        copy_rows(D, width, span.count, a->v + span.start * a->stride, a->stride, 1, values + first * width);
        first += span.count;
    }
    for (size_t h = 0; h < a->group; h++) {
        for (size_t i = 0; i < own.count; i += tile) {
            const size_t count = own.count - i < tile ? own.count - i : tile;
            const size_t seen = before + i + count, reach = round_up(seen, 2 * LANES);
            const size_t from = first_seen(a->window, before + i) / (2 * LANES) * (2 * LANES);
            memset(rows, 0, tile * width * sizeof(float));
            copy_rows(D, width, count, a->q + (own.start + i) * a->stride + h * D, a->stride, a->scale, rows);
            tile_scores(D, width, reach - from, rows, packed + from * D, weights + from, pitch);
            float sums[tile];
            for (size_t r = 0; r < count; r++) {
                float *row = weights + r * pitch;
                const size_t last = before + i + r, first = first_seen(a->window, last);
                if (a->softcap > 0) cap_row(from, reach, a->softcap, row);
                const float top = largest_of(last + 1 - first, row + first);
                sums[r] = exp_window(from, first, last + 1, reach, 1, top, row);
                a->lse[(own.start + i + r) * a->lse_stride + h] = top + logf(sums[r]);
            }
            tile_weighted(width, seen - from, weights + from, pitch, values + from * width, out);
            for (size_t r = 0; r < count; r++) {
                float *target = a->out + (own.start + i + r) * a->out_stride + h * D;
                for (size_t d = 0; d < D; d++) target[d] = out[r * width + d] / sums[r];
            }
        }
    }
}

void NAME(hone_attention_backward)(const hone_attention *a, const float *dout, float *dq, float *dk, float *dv) {
    const size_t D = a->D, width = round_up(D, 2 * LANES), keys = chain_rows(a), pitch = round_up(keys, 2 * LANES);
    const hone_span own = a->chain[a->chain_length - 1];
    const size_t before = keys - own.count;
    float *keys_packed = a->scratch, *values_packed = keys_packed + pitch * D, *keys_rows = values_packed + pitch * D;
    float *dk_rows = keys_rows + pitch * width, *dv_rows = dk_rows + pitch * width;
    float *weights = dv_rows + pitch * width, *dweights = weights + tile * pitch;
    float *q_rows = dweights + tile * pitch, *dout_rows = q_rows + tile * width, *dq_rows = dout_rows + tile * width;

    const size_t tail = keys / LANES * LANES;
    memset(keys_packed + tail * D, 0, (pitch - tail) * D * sizeof(float));
    memset(values_packed + tail * D, 0, (pitch - tail) * D * sizeof(float));
    memset(dk_rows, 0, keys * width * sizeof(float));
    memset(dv_rows, 0, keys * width * sizeof(float));
    size_t first = 0;
    for (size_t s = 0; s < a->chain_length; s++) {
        const hone_span span = a->chain[s];
        const float *k = a->k + span.start * a->stride, *v = a->v + span.start * a->stride;
        pack_transposed(D, first, span.count, k, a->stride, keys_packed);
        pack_transposed(D, first, span.count, v, a->stride, values_packed);
        copy_rows(D, width, span.count, k, a->stride, 1, keys_rows + first * width);
        first += span.count;
    }
    for (size_t h = 0; h < a->group; h++) {
        for (size_t i = 0; i < own.count; i += tile) {
            const size_t count = own.count - i < tile ? own.count - i : tile;
            const size_t seen = before + i + count, reach = round_up(seen, 2 * LANES);
            const size_t row0 = own.start + i, from = first_seen(a->window, before + i) / (2 * LANES) * (2 * LANES);
            memset(q_rows, 0, 2 * tile * width * sizeof(float));
            copy_rows(D, width, count, a->q + row0 * a->stride + h * D, a->stride, a->scale, q_rows);
            copy_rows(D, width, count, dout + row0 * a->out_stride + h * D, a->out_stride, 1, dout_rows);
            tile_scores(D, width, reach - from, q_rows, keys_packed + from * D, weights + from, pitch);
            tile_scores(D, width, reach - from, dout_rows, values_packed + from * D, dweights + from, pitch);
            for (size_t r = 0; r < tile; r++) {
                float *row = weights + r * pitch, *drow = dweights + r * pitch;
                if (r >= count) {
                    memset(row + from, 0, (reach - from) * sizeof(float));
                    memset(drow + from, 0, (reach - from) * sizeof(float));
                    continue;
                }
                const size_t last = before + i + r, first = first_seen(a->window, last);
                const float *o = a->out + (row0 + r) * a->out_stride + h * D;
                float along = 0;
                for (size_t d = 0; d < D; d++) along += o[d] * dout_rows[r * width + d];
                if (a->softcap > 0) {
                    cap_row(from, reach, a->softcap, row);
                    cap_slopes(from, reach, a->softcap, row, drow, along);
                    along = 0;
                }
                exp_window(from, first, last + 1, reach, 1, a->lse[(row0 + r) * a->lse_stride + h], row);
                for (size_t key = from; key < reach; key += LANES)
                    store(drow + key, load(row + key) * (load(drow + key) - splat(along)));
            }
            tile_weighted(width, seen - from, dweights + from, pitch, keys_rows + from * width, dq_rows);
            for (size_t r = 0; r < count; r++) {
                float *target = dq + (row0 + r) * a->stride + h * D;
                for (size_t d = 0; d < D; d++) target[d] = dq_rows[r * width + d] * a->scale;
            }
            tile_outer(width, seen - from, dweights + from, pitch, q_rows, dk_rows + from * width);
            tile_outer(width, seen - from, weights + from, pitch, dout_rows, dv_rows + from * width);
        }
    }
    first = 0;
    for (size_t s = 0; s < a->chain_length; s++) {
        const hone_span span = a->chain[s];
        for (size_t r = 0; r < span.count; r++) {
            const size_t at = (span.start + r) * a->stride;
            for (size_t d = 0; d < D; d++) dk[at + d] += dk_rows[(first + r) * width + d];
            for (size_t d = 0; d < D; d++) dv[at + d] += dv_rows[(first + r) * width + d];
        }
        first += span.count;
    }
}

void NAME(hone_attention_decode)(size_t D, size_t group, size_t count, const float *q, float scale, size_t window,
                                 float softcap, const float *keys, const float *values, float *out, float *scratch) {
    const size_t first = first_seen(window, count - 1), from = first / (2 * LANES) * (2 * LANES);
    const size_t width = round_up(D, 2 * LANES), reach = round_up(count, 2 * LANES);
    float *weights = scratch, *rows = weights + tile * reach, *sums = rows + tile * width;
    for (size_t h = 0; h < group; h += tile) {
        const size_t heads = group - h < tile ? group - h : tile;
        memset(rows, 0, tile * width * sizeof(float));
        copy_rows(D, width, heads, q + h * D, D, scale, rows);
        tile_scores(D, width, reach - from, rows, keys + from * D, weights + from, reach);
        float totals[tile];
        for (size_t r = 0; r < heads; r++) {
            float *row = weights + r * reach;
            if (softcap > 0) cap_row(from, reach, softcap, row);
            totals[r] = exp_window(from, first, count, reach, 1, largest_of(count - first, row + first), row);
        }
        tile_weighted(width, count - from, weights + from, reach, values + from * width, sums);
        for (size_t r = 0; r < heads; r++)
            for (size_t d = 0; d < D; d++) out[(h + r) * D + d] = sums[r * width + d] / totals[r];
    }
}
