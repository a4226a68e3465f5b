float NAME(hone_dot_f32)(size_t n, const float *x, const float *y) {
    V a = splat(0), b = splat(0);
    size_t i = 0;
    for (; i + 2 * LANES <= n; i += 2 * LANES) {
        a += load(x + i) * load(y + i);
        b += load(x + i + LANES) * load(y + i + LANES);
    }
    for (; i + LANES <= n; i += LANES) a += load(x + i) * load(y + i);
    if (i < n) b += load_part(x + i, n - i) * load_part(y + i, n - i);
    return sum_lanes(a + b);
}

void NAME(hone_axpy_f32)(size_t n, float alpha, const float *x, float *y) {
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) store(y + i, load(y + i) + splat(alpha) * load(x + i));
    if (i < n) store_part(y + i, load_part(y + i, n - i) + splat(alpha) * load_part(x + i, n - i), n - i);
}

void NAME(hone_scale_f32)(size_t n, float alpha, float *x) {
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) store(x + i, load(x + i) * splat(alpha));
    for (; i < n; i++) x[i] *= alpha;
}

double NAME(hone_sum_of_squares_f32)(size_t n, const float *x) {
    double total = 0;
    for (size_t first = 0; first < n; first += 1024) {
        const size_t end = first + 1024 < n ? first + 1024 : n;
        V sums = splat(0);
        size_t i = first;
        for (; i + LANES <= end; i += LANES) sums += load(x + i) * load(x + i);
        if (i < end) {
            V v = load_part(x + i, end - i);
            sums += v * v;
        }
        total += (double)sum_lanes(sums);
    }
    return total;
}

void NAME(hone_exp_f32)(size_t n, const float *x, float *y) {
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) store(y + i, exp_lanes(load(x + i)));
    if (i < n) store_part(y + i, exp_lanes(load_part(x + i, n - i)), n - i);
}

// One 32-bit hash per element (the finaliser "lowbias32" of Chris Wellons, keyed before and in the middle).
void NAME(hone_dropout_f32)(size_t n, float rate, uint64_t key, uint64_t first, const float *x, float *y) {
    const VU lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    const uint32_t low = (uint32_t)key, high = (uint32_t)(key >> 32);
    const uint32_t threshold = (uint32_t)(rate * 16777216.0f);
    const V kept = splat(1.0f / (1.0f - rate));
    for (size_t i = 0; i < n; i += LANES) {
        VU index = lanes + (uint32_t)(first + i);
        VU hash = index ^ low;
        hash = (hash ^ (hash >> 16)) * 0x21f0aaadu;
        hash = (hash ^ (hash >> 15)) + high;
        hash = (hash ^ (hash >> 16)) * 0x735a2d97u;
        hash ^= hash >> 15;
        VI keeps = (VI)((hash >> 8) >= threshold);
        const size_t rest = n - i;
        if (rest >= LANES) {
            store(y + i, (V)(keeps & (VI)(load(x + i) * kept)));
        } else {
            store_part(y + i, (V)(keeps & (VI)(load_part(x + i, rest) * kept)), rest);
        }
    }
}

void NAME(hone_softcap_f32)(size_t n, float cap, float *x) {
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) store(x + i, splat(cap) * tanh_lanes(load(x + i) * splat(1 / cap)));
    if (i < n) store_part(x + i, splat(cap) * tanh_lanes(load_part(x + i, n - i) * splat(1 / cap)), n - i);
}

void NAME(hone_softcap_backward_f32)(size_t n, float cap, const float *y, float *dx) {
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        const V share = load(y + i) * splat(1 / cap);
        store(dx + i, load(dx + i) * (splat(1) - share * share));
    }
    if (i < n) {
        const V share = load_part(y + i, n - i) * splat(1 / cap);
        store_part(dx + i, load_part(dx + i, n - i) * (splat(1) - share * share), n - i);
    }
}
