// Without bfloat16 instructions a panel of 32 columns of W is widened to float32 once and used for every row of x.
// panel[k][32].

INLINE float widen(uint16_t x) {
    const uint32_t bits = (uint32_t)x << 16;
    float y;
    memcpy(&y, &bits, sizeof y);
    return y;
}

INLINE void widen_panel(size_t columns, size_t K, const uint16_t *weight, size_t stride, int transposed, float *panel) {
    memset(panel, 0, K * 2 * LANES * sizeof(float));
    for (size_t n = 0; n < columns; n++)
        for (size_t k = 0; k < K; k++)
            panel[k * 2 * LANES + n] = widen(transposed ? weight[k * stride + n] : weight[n * stride + k]);
}

INLINE void product_of(size_t M, size_t N, size_t K, const uint16_t *x, size_t x_stride, const uint16_t *weight,
                       size_t weight_stride, int transposed, int accumulate, float *y, size_t y_stride, void *scratch) {
    float *panel = scratch;
    for (size_t n = 0; n < N; n += 2 * LANES) {
        const size_t columns = N - n < 2 * LANES ? N - n : 2 * LANES;
        widen_panel(columns, K, weight + (transposed ? n : n * weight_stride), weight_stride, transposed, panel);
        for (size_t m = 0; m < M; m += VECTOR_BLOCK_ROWS)
            for (size_t half = 0; half < columns; half += VECTOR_BLOCK_COLUMNS * LANES) {
                const size_t rows = M - m < VECTOR_BLOCK_ROWS ? M - m : VECTOR_BLOCK_ROWS;
                V s[VECTOR_BLOCK_ROWS][VECTOR_BLOCK_COLUMNS];
                for (int r = 0; r < VECTOR_BLOCK_ROWS; r++)
                    for (int c = 0; c < VECTOR_BLOCK_COLUMNS; c++) s[r][c] = splat(0);
                for (size_t k = 0; k < K; k++) {
                    V w[VECTOR_BLOCK_COLUMNS];
                    for (int c = 0; c < VECTOR_BLOCK_COLUMNS; c++)
                        w[c] = load(panel + k * 2 * LANES + half + (size_t)c * LANES);
#pragma clang loop unroll(full)
                    for (int r = 0; r < VECTOR_BLOCK_ROWS; r++) {
                        // Rows beyond the last repeat it; their sums are not stored.
                        const size_t row = (size_t)r < rows ? m + (size_t)r : m + rows - 1;
                        const V value = splat(widen(x[row * x_stride + k]));
                        for (int c = 0; c < VECTOR_BLOCK_COLUMNS; c++) s[r][c] += value * w[c];
                    }
                }
                for (size_t r = 0; r < rows; r++)
                    for (size_t c = 0; c < VECTOR_BLOCK_COLUMNS; c++) {
                        const size_t first = half + c * LANES;
                        if (first >= columns) continue;
                        float *out = y + (m + r) * y_stride + n + first;
                        const size_t rest = columns - first;
                        if (rest >= LANES) {
                            store(out, accumulate ? load(out) + s[r][c] : s[r][c]);
                        } else {
                            store_part(out, accumulate ? load_part(out, rest) + s[r][c] : s[r][c], rest);
                        }
                    }
            }
    }
}

void NAME(hone_product_bf16)(size_t M, size_t N, size_t terms, const hone_term_bf16 *term, int transposed,
                             int accumulate, float *y, size_t y_stride, void *scratch) {
    int adding = accumulate;
    for (const hone_term_bf16 *t = term; t < term + terms; t++)
        for (size_t k = 0; k < t->K; k += hone_product_bf16_depth) {
            const size_t K = t->K - k < hone_product_bf16_depth ? t->K - k : hone_product_bf16_depth;
            product_of(M, N, K, t->x + k, t->x_stride, t->weight + (transposed ? k * t->weight_stride : k),
                       t->weight_stride, transposed, adding, y, y_stride, scratch);
            adding = 1;
        }
    if (!adding)
        for (size_t m = 0; m < M; m++) memset(y + m * y_stride, 0, N * sizeof(float));
}

void NAME(hone_narrow_bf16)(size_t n, const float *x, uint16_t *y) {
    typedef uint16_t VH __attribute__((vector_size(32)));
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        const VU bits = (VU)load(x + i);
        const VI isNumber = (bits & 0x7fffffff) <= 0x7f800000;
        const VU rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16, quiet = bits >> 16 | 0x40;
        const VH narrow = __builtin_convertvector(((VU)isNumber & rounded) | (~(VU)isNumber & quiet), VH);
        memcpy(y + i, &narrow, sizeof narrow);
    }
    if (i < n) hone_narrow_bf16_reference(n - i, x + i, y + i);
}
