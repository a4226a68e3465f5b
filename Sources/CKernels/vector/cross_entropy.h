void NAME(hone_cross_entropy)(size_t T, size_t V_, float *logits, const int32_t *targets, int gradient, float *loss) {
    const size_t whole = V_ / LANES * LANES, rest = V_ - whole;
    for (size_t t = 0; t < T; t++, logits += V_) {
        V largest = splat(-INFINITY);
        size_t i = 0;
        for (; i < whole; i += LANES) largest = maximum(largest, load(logits + i));
        float top = largest_lane(largest);
        for (; i < V_; i++) top = logits[i] > top ? logits[i] : top;

        const float own = logits[targets[t]];
        V sums = splat(0);
        for (i = 0; i < whole; i += LANES) {
            V e = exp_lanes(load(logits + i) - splat(top));
            sums += e;
            if (gradient) store(logits + i, e);
        }
        float sum = sum_lanes(sums);
        if (rest) {
            float part[LANES];
            store(part, exp_lanes(load_part(logits + i, rest) - splat(top)));
            for (size_t j = 0; j < rest; j++) {
                sum += part[j];
                if (gradient) logits[i + j] = part[j];
            }
        }
        loss[t] = logf(sum) + top - own;
        if (!gradient) continue;
        const float scale = 1.0f / sum;
        for (i = 0; i < whole; i += LANES) store(logits + i, load(logits + i) * splat(scale));
        for (; i < V_; i++) logits[i] *= scale;
        logits[targets[t]] -= 1.0f;
    }
}
