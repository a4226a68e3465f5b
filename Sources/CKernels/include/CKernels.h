// Numeric kernels of the trainer. Every function works on plain float arrays, allocates nothing and keeps no state.
//
// Shapes are row-major. T: token rows, C: width of a row. A "stride" is the number of floats between two rows.
// Arrays that are not said to be updated in place must not overlap. No alignment is needed; counts may be 0.
//
// Each kernel `hone_x` picks the widest instruction set of this CPU (AVX-512, AVX2 + FMA, or what the compiler assumes,
// which is NEON on ARM64). `hone_x_reference` is the same thing in plain C, written to be read; the two differ only by
// rounding (order of sums, fused multiply-add, the polynomial of exp with a relative error below 2e-7).
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

// Which instructions run.
typedef enum {
    hone_instructions_baseline = 0,
    hone_instructions_avx2 = 1,
    hone_instructions_avx512 = 2,
    // The same, and dot products of bfloat16 pairs (vdpbf16ps). Only what is computed in bfloat16 differs from avx512.
    hone_instructions_avx512_bf16 = 3,
} hone_instructions;

// The widest set this CPU has, or the limit set below. Results are bit-identical only on the same set.
hone_instructions hone_instruction_set(void);
// The calling thread uses at most `limit` from now on: tests compare the sets with each other, others are not
// disturbed.
void hone_limit_instruction_set(hone_instructions limit);

// Asks for memory that will be read soon; returns at once.
void hone_prefetch(const void *memory, size_t bytes);

// Waiting of one thread team (Linux futex).
// All zero before first use. Threads spin for a few tens of microseconds, then sleep in the kernel.
typedef struct {
    uint32_t arrived;
    uint32_t generation;
    uint32_t sleepers;
} hone_barrier;

// Returns when `count` threads have called it. What they wrote before is then visible to all of them.
void hone_barrier_wait(hone_barrier *barrier, uint32_t count);
// Adds `amount` and returns the value before, atomically.
size_t hone_fetch_add(size_t *counter, size_t amount);

// Vectors of n floats.
// Sum of x[i] * y[i].
float hone_dot_f32(size_t n, const float *x, const float *y);
float hone_dot_f32_reference(size_t n, const float *x, const float *y);
// y[i] += alpha * x[i]. Reads 2n, writes n floats.
void hone_axpy_f32(size_t n, float alpha, const float *x, float *y);
void hone_axpy_f32_reference(size_t n, float alpha, const float *x, float *y);
// x[i] *= alpha.
void hone_scale_f32(size_t n, float alpha, float *x);
void hone_scale_f32_reference(size_t n, float alpha, float *x);
// Sum of x[i]^2, added up in double over blocks of 1024.
double hone_sum_of_squares_f32(size_t n, const float *x);
double hone_sum_of_squares_f32_reference(size_t n, const float *x);
// y[i] = exp(x[i]); x is first limited to -87.3 ... 88.3 (no infinity, no subnormal). x may be y.
void hone_exp_f32(size_t n, const float *x, float *y);
void hone_exp_f32_reference(size_t n, const float *x, float *y);
// y[i] = x[i] rounded to bfloat16, to nearest, ties to even; NaN stays NaN.
void hone_narrow_bf16(size_t n, const float *x, uint16_t *y);
void hone_narrow_bf16_reference(size_t n, const float *x, uint16_t *y);
// y[columns, rows] = x[rows, columns] rounded likewise.
void hone_narrow_transposed_bf16(size_t rows, size_t columns, const float *x, size_t stride, uint16_t *y);
// Index of the largest x[i], the first of equals; 0 for n = 0. NaN is never the largest.
size_t hone_argmax_f32(size_t n, const float *x);
// y[i] = the float whose upper 16 bits are x[i] (bfloat16), exactly.
void hone_expand_bf16(size_t n, const uint16_t *x, float *y);
// y[i] = the IEEE half x[i] as float, exactly.
void hone_expand_f16(size_t n, const uint16_t *x, float *y);
// y[i] = x[i] / (1 - rate) where the generator keeps i, else 0. The decision for element i depends on (key, first + i)
// only, so a backward pass repeats it. rate in 0 ..< 1. x may be y.
void hone_dropout_f32(size_t n, float rate, uint64_t key, uint64_t first, const float *x, float *y);
void hone_dropout_f32_reference(size_t n, float rate, uint64_t key, uint64_t first, const float *x, float *y);

// One term of a product of bfloat16 matrices: x[M, K] W, with W read as it is stored.
typedef struct {
    const uint16_t *x;
    size_t x_stride;
    const uint16_t *weight;
    size_t weight_stride;
    size_t K;
} hone_term_bf16;

// Bytes of scratch that a product needs, whatever its shape.
enum { hone_product_bf16_depth = 4096, hone_product_bf16_scratch = hone_product_bf16_depth * 32 * sizeof(float) };

// y[M, N] = the sum of all terms (+ y when accumulate != 0), with sums in float32: weight[N, K] for a forward pass, or,
// with transposed != 0, weight[K, N] for the gradient of the input. Sums of even and odd k are kept apart until the
// end, or each pair is added first, depending on the instruction set. scratch is aligned to 64.
void hone_product_bf16(size_t M, size_t N, size_t terms, const hone_term_bf16 *term, int transposed, int accumulate,
                       float *y, size_t y_stride, void *scratch);
void hone_product_bf16_reference(size_t M, size_t N, size_t terms, const hone_term_bf16 *term, int transposed,
                                 int accumulate, float *y, size_t y_stride, void *scratch);

// NF4 (arXiv 2305.14314), byte for byte as bitsandbytes stores it.
// The 16 values, ascending.
const float *hone_nf4_values(void);
// packed[n / 2 rounded up]: two codes to a byte, the first in the high half; absmax: one for every block.
void hone_nf4_quantize(size_t n, size_t block, const float *x, uint8_t *packed, float *absmax);
// x[i] = values[code] * absmax of its block.
void hone_nf4_expand(size_t n, size_t block, const uint8_t *packed, const float *values, const float *absmax, float *x);
// The same rounded to bfloat16, for products; n numbers that begin with a block.
void hone_nf4_expand_bf16(size_t n, size_t block, const uint8_t *packed, const float *absmax, uint16_t *x);
void hone_nf4_expand_bf16_reference(size_t n, size_t block, const uint8_t *packed, const float *absmax, uint16_t *x);
// The 256 values of the second quantisation, ascending.
void hone_dynamic_map(float map[256]);
// Second quantisation: one code for each absmax, one absmax2 for every block of them; returns the offset taken off first.
float hone_absmax_quantize(size_t n, size_t block, const float *absmax, uint8_t *codes, float *absmax2);
void hone_absmax_expand(size_t n, size_t block, const uint8_t *codes, const float *map, const float *absmax2,
                        float offset, float *absmax);

// RMSNorm (arXiv 1910.07467).
// sum[t] = x[t] + delta[t]; inverse[t] = 1 / sqrt(mean(sum[t]^2) + epsilon); y[t] = sum[t] * inverse[t] * weight.
// delta may be NULL: then sum is not written (and may be NULL) and x is normalised. x, delta, sum, y: [T, C]; weight:
// [C].
void hone_rmsnorm_forward(size_t T, size_t C, const float *x, const float *delta, const float *weight, float epsilon,
                          float *sum, float *y, float *inverse);
void hone_rmsnorm_forward_reference(size_t T, size_t C, const float *x, const float *delta, const float *weight,
                                    float epsilon, float *sum, float *y, float *inverse);
// dx[t] = residual[t] + gradient of the norm with respect to its input, for dy = gradient of its output.
// dweight (may be NULL) += gradient of the weight. residual may be NULL (taken as 0) or dx itself; dx may be x or dy.
void hone_rmsnorm_backward(size_t T, size_t C, const float *dy, const float *x, const float *weight,
                           const float *inverse, const float *residual, float *dx, float *dweight);
void hone_rmsnorm_backward_reference(size_t T, size_t C, const float *dy, const float *x, const float *weight,
                                     const float *inverse, const float *residual, float *dx, float *dweight);

// Rotary position embedding (arXiv 2104.09864), halves rotated as in Hugging Face's Llama.
// In place: for each head h of row t, with R = rotated, (x[i], x[i + R/2]) turns by the angle whose cosine and sine
// stand at [positions[t], i] of the tables [maximum position, R/2]; direction +1 forward, -1 backward. D = head size;
// R <= D is even, and what lies behind R stays as it is.
void hone_rope(size_t T, size_t heads, size_t D, size_t rotated, const int32_t *positions, const float *cosines,
               const float *sines, float direction, float *x, size_t stride);
void hone_rope_reference(size_t T, size_t heads, size_t D, size_t rotated, const int32_t *positions,
                         const float *cosines, const float *sines, float direction, float *x, size_t stride);

// SwiGLU (arXiv 2002.05202).
// h[t] = silu(gate[t]) * up[t]; gate_up: [T, 2C], a row is gate then up; h: [T, C].
void hone_swiglu_forward(size_t T, size_t C, const float *gate_up, float *h);
void hone_swiglu_forward_reference(size_t T, size_t C, const float *gate_up, float *h);
// In place: gate_up becomes its gradient, and dh (gradient of h) becomes h itself, which the caller needs next.
void hone_swiglu_backward(size_t T, size_t C, float *gate_up, float *dh);
void hone_swiglu_backward_reference(size_t T, size_t C, float *gate_up, float *dh);

// GeGLU: the same with the tanh form of gelu (arXiv 1606.08415) in place of silu.
void hone_geglu_forward(size_t T, size_t C, const float *gate_up, float *h);
void hone_geglu_forward_reference(size_t T, size_t C, const float *gate_up, float *h);
void hone_geglu_backward(size_t T, size_t C, float *gate_up, float *dh);
void hone_geglu_backward_reference(size_t T, size_t C, float *gate_up, float *dh);

// Soft cap: x[i] = cap * tanh(x[i] / cap).
void hone_softcap_f32(size_t n, float cap, float *x);
void hone_softcap_f32_reference(size_t n, float cap, float *x);
// dx[i] *= 1 - (y[i] / cap)^2, for y = what hone_softcap_f32 made.
void hone_softcap_backward_f32(size_t n, float cap, const float *y, float *dx);
void hone_softcap_backward_f32_reference(size_t n, float cap, const float *y, float *dx);

// Softmax cross-entropy.
// loss[t] = log(sum(exp(logits[t]))) - logits[t][target[t]]. With gradient != 0, logits become softmax -
// onehot(target). logits: [T, V]; every target in 0 ..< V.
void hone_cross_entropy(size_t T, size_t V, float *logits, const int32_t *targets, int gradient, float *loss);
void hone_cross_entropy_reference(size_t T, size_t V, float *logits, const int32_t *targets, int gradient, float *loss);

// AdamW (arXiv 1711.05101), as torch.optim.AdamW computes it.
typedef struct {
    float learning_rate, beta1, beta2, epsilon, weight_decay;
    // 1 - beta1^step and sqrt(1 - beta2^step) of this step.
    float correction1, correction2_sqrt;
    // Every gradient is multiplied by this first: 1 / target tokens, times the clipping coefficient.
    float gradient_scale;
} hone_adamw_step;

// Updates n values and both moments; the gradient is read only.
void hone_adamw(size_t n, const hone_adamw_step *step, const float *gradient, float *value, float *m, float *v);
void hone_adamw_reference(size_t n, const hone_adamw_step *step, const float *gradient, float *value, float *m,
                          float *v);

// Causal attention of one segment, one key/value head and the query heads that share it.
// Rows of tokens, `count` from `start` on.
typedef struct {
    size_t start, count;
} hone_span;

typedef struct {
    // Row t of the first query head of the group is q + t * stride, the next head lies D further; k and v likewise.
    const float *q, *k, *v;
    size_t stride;
    size_t D;      // head size
    size_t group;  // query heads that share k and v
    // Row t of the group's output: out + t * out_stride, heads D apart. log of the softmax denominator: lse + t *
    // lse_stride + head.
    float *out;
    size_t out_stride;
    float *lse;
    size_t lse_stride;
    // The segment is the last span. Its query i sees all rows of the spans before and its own rows 0 ... i.
    const hone_span *chain;
    size_t chain_length;
    float scale;     // of every score, 1 / sqrt(D) for most models
    float *scratch;  // hone_attention_scratch floats, private to the calling thread
    size_t window;   // a query sees itself and the window - 1 keys before it; 0: all before it
    float softcap;   // scores become softcap * tanh(score / softcap); 0: they stay
} hone_attention;

// Floats of scratch for `keys` = rows of the whole chain.
size_t hone_attention_scratch(size_t keys, size_t D);
// Writes out and lse for the rows of the last span.
void hone_attention_forward(const hone_attention *a);
void hone_attention_forward_reference(const hone_attention *a);
// dout has the layout of out; dq, dk, dv that of q, k, v. dq is assigned for the rows of the last span; dk and dv are
// added to for all rows of the chain. out and lse are read. Not callable at the same time for chains that share rows.
void hone_attention_backward(const hone_attention *a, const float *dout, float *dq, float *dk, float *dv);
void hone_attention_backward_reference(const hone_attention *a, const float *dout, float *dq, float *dk, float *dv);
// The same with queries, keys, values, weights and their gradients rounded to bfloat16 where they are multiplied; CPUs
// without vdpbf16ps compute in float32.
void hone_attention_forward_bf16(const hone_attention *a);
void hone_attention_backward_bf16(const hone_attention *a, const float *dout, float *dq, float *dk, float *dv);

// Attention of one new token over a cache.
// Cached keys lie in blocks of 16 tokens, [block][D][16]; values in rows of D rounded up to a multiple of 32 floats.
// Floats of either for `capacity` tokens (a multiple of 32); both must be zero at first.
size_t hone_cache_floats(size_t capacity, size_t D);
// Puts token number `index` in.
void hone_cache_append(size_t D, size_t index, const float *k, const float *v, float *keys, float *values);
// Floats of scratch for a decode over `count` tokens.
size_t hone_attention_decode_scratch(size_t count, size_t D);
// out[h] for the `group` query heads q[h] (both D apart) over `count` >= 1 cached tokens; window and softcap as above.
void hone_attention_decode(size_t D, size_t group, size_t count, const float *q, float scale, size_t window,
                           float softcap, const float *keys, const float *values, float *out, float *scratch);

#endif
