#include <math.h>
#include <string.h>

#include "dispatch.h"

static size_t round_up(size_t n, size_t multiple) { return (n + multiple - 1) / multiple * multiple; }

size_t hone_attention_scratch(size_t keys, size_t D) {
    const size_t width = round_up(D, 32), pitch = round_up(keys, 32);
    // Backward needs most. In float32: keys and values transposed, keys, dk and dv as rows, two rows of weights and three
    // of features, each for 8 queries.
    const size_t plain = 2 * pitch * D + 3 * pitch * width + 8 * (2 * pitch + 3 * width);
    // In bfloat16, for 24: keys as they are, keys and values by key, keys by feature; dk and dv; weights and their
    // gradients in both formats; queries and gradients as rows and turned, and a panel.
    const size_t pairs = 2 * pitch * round_up(D, 2) + pitch * width + 2 * pitch * D + 24 * (3 * pitch + 3 * width) + 1024;
    return plain > pairs ? plain : pairs;
}

size_t hone_attention_decode_scratch(size_t count, size_t D) { return 8 * (round_up(count, 32) + 2 * round_up(D, 32)); }

DISPATCH(void, hone_attention_forward, (const hone_attention *a), (a))
DISPATCH(void, hone_attention_backward,
         (const hone_attention *a, const float *dout, float *dq, float *dk, float *dv), (a, dout, dq, dk, dv))
DISPATCH(void, hone_attention_decode,
         (size_t D, size_t group, size_t count, const float *q, float scale, size_t window, float softcap,
          const float *keys, const float *values, float *out, float *scratch),
         (D, group, count, q, scale, window, softcap, keys, values, out, scratch))

#if defined(__x86_64__)
void hone_attention_forward_pairs(const hone_attention *a);
void hone_attention_backward_pairs(const hone_attention *a, const float *dout, float *dq, float *dk, float *dv);
#endif

void hone_attention_forward_bf16(const hone_attention *a) {
#if defined(__x86_64__)
    if (hone_instruction_set() == hone_instructions_avx512_bf16) {
        hone_attention_forward_pairs(a);
        return;
    }
#endif
    hone_attention_forward(a);
}

void hone_attention_backward_bf16(const hone_attention *a, const float *dout, float *dq, float *dk, float *dv) {
#if defined(__x86_64__)
    if (hone_instruction_set() == hone_instructions_avx512_bf16) {
        hone_attention_backward_pairs(a, dout, dq, dk, dv);
        return;
    }
#endif
    hone_attention_backward(a, dout, dq, dk, dv);
}

// The row of tokens that key number `key` of the chain is.
static size_t row_of(const hone_attention *a, size_t key) {
    size_t s = 0;
    while (key >= a->chain[s].count) key -= a->chain[s++].count;
    return a->chain[s].start + key;
}

static size_t rows_before(const hone_attention *a) {
    size_t rows = 0;
    for (size_t s = 0; s + 1 < a->chain_length; s++) rows += a->chain[s].count;
    return rows;
}

static double score(const hone_attention *a, const float *q, size_t key) {
    const float *k = a->k + row_of(a, key) * a->stride;
    double sum = 0;
    for (size_t d = 0; d < a->D; d++) sum += (double)q[d] * k[d];
    sum *= a->scale;
    return a->softcap > 0 ? a->softcap * tanh(sum / a->softcap) : sum;
}

// The first key that query number `query` of the chain sees.
static size_t first_seen(const hone_attention *a, size_t query) {
    return a->window > 0 && query + 1 > a->window ? query + 1 - a->window : 0;
}

void hone_attention_forward_reference(const hone_attention *a) {
    const hone_span own = a->chain[a->chain_length - 1];
    for (size_t h = 0; h < a->group; h++)
        for (size_t i = 0; i < own.count; i++) {
            const size_t t = own.start + i, seen = rows_before(a) + i + 1, first = first_seen(a, seen - 1);
            const float *q = a->q + t * a->stride + h * a->D;
            float *out = a->out + t * a->out_stride + h * a->D;
            double largest = -INFINITY, sum = 0;
            for (size_t key = first; key < seen; key++) largest = fmax(largest, score(a, q, key));
            for (size_t key = first; key < seen; key++) sum += exp(score(a, q, key) - largest);
            const double lse = largest + log(sum);
            a->lse[t * a->lse_stride + h] = (float)lse;
            for (size_t d = 0; d < a->D; d++) out[d] = 0;
            for (size_t key = first; key < seen; key++) {
                const double weight = exp(score(a, q, key) - lse);
                const float *v = a->v + row_of(a, key) * a->stride;
                for (size_t d = 0; d < a->D; d++) out[d] += (float)(weight * v[d]);
            }
        }
}

// With p the weights and dp = dout . v: ds = p * (dp - dout . out), and ds * scale flows to q and k.
void hone_attention_backward_reference(const hone_attention *a, const float *dout, float *dq, float *dk, float *dv) {
    const hone_span own = a->chain[a->chain_length - 1];
    for (size_t h = 0; h < a->group; h++)
        for (size_t i = 0; i < own.count; i++) {
            const size_t t = own.start + i, seen = rows_before(a) + i + 1, at = t * a->stride + h * a->D;
            const size_t first = first_seen(a, seen - 1);
            const float *out = a->out + t * a->out_stride + h * a->D, *d_out = dout + t * a->out_stride + h * a->D;
            double along = 0;
            for (size_t d = 0; d < a->D; d++) along += (double)out[d] * d_out[d];
            for (size_t d = 0; d < a->D; d++) dq[at + d] = 0;
            for (size_t key = first; key < seen; key++) {
                const size_t row = row_of(a, key) * a->stride;
                const double capped = score(a, a->q + at, key), weight = exp(capped - a->lse[t * a->lse_stride + h]);
                const double slope = a->softcap > 0 ? 1 - capped / a->softcap * (capped / a->softcap) : 1;
                double dweight = 0;
                for (size_t d = 0; d < a->D; d++) dweight += (double)d_out[d] * a->v[row + d];
                const double dscore = weight * (dweight - along) * slope * a->scale;
                for (size_t d = 0; d < a->D; d++) {
                    dq[at + d] += (float)(dscore * a->k[row + d]);
                    dk[row + d] += (float)(dscore * a->q[at + d]);
                    dv[row + d] += (float)(weight * d_out[d]);
                }
            }
        }
}

size_t hone_cache_floats(size_t capacity, size_t D) { return round_up(capacity, 32) * round_up(D, 32); }

void hone_cache_append(size_t D, size_t index, const float *k, const float *v, float *keys, float *values) {
    float *lane = keys + index / 16 * (D * 16) + index % 16;
    for (size_t d = 0; d < D; d++) lane[d * 16] = k[d];
    memcpy(values + index * round_up(D, 32), v, D * sizeof(float));
}
