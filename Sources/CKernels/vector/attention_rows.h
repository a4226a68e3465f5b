// Rows of attention weights, and which keys they are of.

INLINE size_t round_up(size_t n, size_t multiple) { return (n + multiple - 1) / multiple * multiple; }

// weights = exp(factor * weights - shift) for the first `seen` keys and 0 up to `keys` (a multiple of 32); returns their sum.
INLINE float exp_row(size_t seen, size_t keys, float factor, float shift, float *weights) {
    V sums = splat(0);
    size_t key = 0;
    for (; key + LANES <= seen; key += LANES) {
        V e = exp_lanes(splat(factor) * load(weights + key) - splat(shift));
        store(weights + key, e);
        sums += e;
    }
    const VI lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    for (; key < keys; key += LANES) {
        const VI within = lanes < ((int32_t)seen - (int32_t)key);
        V e = select_lanes(within, exp_lanes(splat(factor) * load(weights + key) - splat(shift)), splat(0));
        store(weights + key, e);
        sums += e;
    }
    return sum_lanes(sums);
}

INLINE float largest_of(size_t n, const float *x) {
    V largest = splat(-INFINITY);
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) largest = maximum(largest, load(x + i));
    float top = largest_lane(largest);
    for (; i < n; i++) top = x[i] > top ? x[i] : top;
    return top;
}

// The first key that query number `query` of the chain sees.
INLINE size_t first_seen(size_t window, size_t query) {
    return window > 0 && query + 1 > window ? query + 1 - window : 0;
}

// weights = exp(factor * weights - shift) for keys first ... seen - 1, 0 for the others from `from` up to `keys`; both multiples
// of 32. Returns their sum.
INLINE float exp_window(size_t from, size_t first, size_t seen, size_t keys, float factor, float shift, float *weights) {
    for (size_t key = from; key < first; key++) weights[key] = -INFINITY;
    const float sum = exp_row(seen - from, keys - from, factor, shift, weights + from);
    for (size_t key = from; key < first; key++) weights[key] = 0;
    return sum;
}

INLINE void cap_row(size_t from, size_t keys, float cap, float *weights) {
    for (size_t key = from; key < keys; key += LANES)
        store(weights + key, splat(cap) * tanh_lanes(load(weights + key) * splat(1 / cap)));
}

// From capped scores to the gradient of what was capped: slope[key] = 1 - (score / cap)^2.
INLINE void cap_slopes(size_t from, size_t keys, float cap, const float *scores, float *dweights, float along) {
    for (size_t key = from; key < keys; key += LANES) {
        const V share = load(scores + key) * splat(1 / cap);
        store(dweights + key, (load(dweights + key) - splat(along)) * (splat(1) - share * share));
    }
}

INLINE size_t chain_rows(const hone_attention *a) {
    size_t keys = 0;
    for (size_t s = 0; s < a->chain_length; s++) keys += a->chain[s].count;
    return keys;
}
