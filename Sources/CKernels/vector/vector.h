// Sixteen floats at a time, in the compiler's own vector types: one AVX-512 register, two of AVX2, four of NEON or SSE.
// Included once per instruction set (vector_avx512.c and its siblings), inside that set's target attribute.

typedef float V __attribute__((vector_size(64)));
typedef int32_t VI __attribute__((vector_size(64)));
typedef uint32_t VU __attribute__((vector_size(64)));

#define LANES 16
#define INLINE static inline __attribute__((always_inline, unused))

INLINE V splat(float x) { return (V){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}; }

INLINE V load(const float *p) {
    V v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE void store(float *p, V v) { memcpy(p, &v, sizeof v); }

// The first n < 16 floats; the other lanes are 0.
INLINE V load_part(const float *p, size_t n) {
    float part[LANES] = {0};
    for (size_t i = 0; i < n; i++) part[i] = p[i];
    return load(part);
}

INLINE void store_part(float *p, V v, size_t n) {
    float part[LANES];
    store(part, v);
    for (size_t i = 0; i < n; i++) p[i] = part[i];
}

INLINE V select_lanes(VI mask, V yes, V no) { return (V)((mask & (VI)yes) | (~mask & (VI)no)); }
INLINE V maximum(V a, V b) { return __builtin_elementwise_max(a, b); }
INLINE V minimum(V a, V b) { return __builtin_elementwise_min(a, b); }

INLINE float sum_lanes(V v) {
    typedef float V8 __attribute__((vector_size(32)));
    typedef float V4 __attribute__((vector_size(16)));
    V8 a = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) +
           __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
    V4 b = __builtin_shufflevector(a, a, 0, 1, 2, 3) + __builtin_shufflevector(a, a, 4, 5, 6, 7);
    return (b[0] + b[2]) + (b[1] + b[3]);
}

INLINE float largest_lane(V v) {
    typedef float V8 __attribute__((vector_size(32)));
    typedef float V4 __attribute__((vector_size(16)));
    V8 a = __builtin_elementwise_max(__builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7),
                                     __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15));
    V4 b = __builtin_elementwise_max(__builtin_shufflevector(a, a, 0, 1, 2, 3),
                                     __builtin_shufflevector(a, a, 4, 5, 6, 7));
    float low = b[0] > b[2] ? b[0] : b[2], high = b[1] > b[3] ? b[1] : b[3];
    return low > high ? low : high;
}

// exp by 2^n * p(r), |r| <= ln 2 / 2, p of degree 6 (coefficients of Cephes expf).
INLINE V exp_lanes(V x) {
    x = minimum(maximum(x, splat(-87.3f)), splat(88.3f));
    const V magic = splat(12582912.0f);  // 1.5 * 2^23: adding it rounds to the nearest whole number
    V n = x * splat(1.44269504088896341f) + magic - magic;
    V r = x - n * splat(0.693359375f);
    r = r + n * splat(2.12194440e-4f);
    V p = splat(1.9875691500e-4f);
    p = p * r + splat(1.3981999507e-3f);
    p = p * r + splat(8.3334519073e-3f);
    p = p * r + splat(4.1665795894e-2f);
    p = p * r + splat(1.6666665459e-1f);
    p = p * r + splat(5.0000001201e-1f);
    p = p * (r * r) + r + splat(1.0f);
    VI exponent = (__builtin_convertvector(n, VI) + 127) << 23;
    return p * (V)exponent;
}

INLINE V sigmoid_lanes(V x) { return splat(1.0f) / (splat(1.0f) + exp_lanes(-x)); }

// tanh(x) = 1 - 2 / (exp(2x) + 1), with an absolute error below 2e-7.
INLINE V tanh_lanes(V x) { return splat(1.0f) - splat(2.0f) / (exp_lanes(splat(2.0f) * x) + splat(1.0f)); }
