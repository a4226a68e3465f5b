void NAME(hone_rope)(size_t T, size_t heads, size_t D, size_t rotated, const int32_t *positions,
                     const float *cosines, const float *sines, float direction, float *x, size_t stride) {
    const size_t half = rotated / 2, whole = half / LANES * LANES, rest = half - whole;
    for (size_t t = 0; t < T; t++) {
        const float *c = cosines + (size_t)positions[t] * half, *s = sines + (size_t)positions[t] * half;
        for (size_t h = 0; h < heads; h++) {
            float *low = x + t * stride + h * D, *high = low + half;
            size_t i = 0;
            for (; i < whole; i += LANES) {
                V a = load(low + i), b = load(high + i), cosine = load(c + i), sine = load(s + i) * splat(direction);
                store(low + i, a * cosine - b * sine);
                store(high + i, b * cosine + a * sine);
            }
            if (rest) {
                V a = load_part(low + i, rest), b = load_part(high + i, rest);
                V cosine = load_part(c + i, rest), sine = load_part(s + i, rest) * splat(direction);
                store_part(low + i, a * cosine - b * sine, rest);
                store_part(high + i, b * cosine + a * sine, rest);
            }
        }
    }
}
