void NAME(hone_rmsnorm_forward)(size_t T, size_t C, const float *x, const float *delta, const float *weight,
                                float epsilon, float *sum, float *y, float *inverse) {
    const size_t whole = C / LANES * LANES, rest = C - whole;
    for (size_t t = 0; t < T; t++, x += C, y += C) {
        V squares = splat(0);
        if (delta != NULL) {
            size_t i = 0;
            for (; i < whole; i += LANES) {
                V s = load(x + i) + load(delta + i);
                store(sum + i, s);
                squares += s * s;
            }
            if (rest) {
                V s = load_part(x + i, rest) + load_part(delta + i, rest);
                store_part(sum + i, s, rest);
                squares += s * s;
            }
        } else {
            size_t i = 0;
            for (; i < whole; i += LANES) squares += load(x + i) * load(x + i);
            if (rest) {
                V s = load_part(x + i, rest);
                squares += s * s;
            }
        }
        const float *s = delta != NULL ? sum : x;
        const float scale = 1.0f / sqrtf(sum_lanes(squares) / (float)C + epsilon);
        inverse[t] = scale;
        size_t i = 0;
        for (; i < whole; i += LANES) store(y + i, load(s + i) * splat(scale) * load(weight + i));
        if (rest) store_part(y + i, load_part(s + i, rest) * splat(scale) * load_part(weight + i, rest), rest);
        if (delta != NULL) {
            delta += C;
            sum += C;
        }
    }
}

void NAME(hone_rmsnorm_backward)(size_t T, size_t C, const float *dy, const float *x, const float *weight,
                                 const float *inverse, const float *residual, float *dx, float *dweight) {
    const size_t whole = C / LANES * LANES, rest = C - whole;
    for (size_t t = 0; t < T; t++, x += C, dy += C, dx += C) {
        const V scale = splat(inverse[t]);
        V projection = splat(0);
        size_t i = 0;
        for (; i < whole; i += LANES) projection += load(dy + i) * load(weight + i) * load(x + i);
        if (rest) projection += load_part(dy + i, rest) * load_part(weight + i, rest) * load_part(x + i, rest);
        const V along = splat(sum_lanes(projection) / (float)C) * scale * scale;
        for (i = 0; i < whole; i += LANES) {
            V g = load(dy + i), value = load(x + i);
            V d = (g * load(weight + i) - value * along) * scale;
            if (residual != NULL) d += load(residual + i);
            store(dx + i, d);
            if (dweight != NULL) store(dweight + i, load(dweight + i) + g * value * scale);
        }
        if (rest) {
            V g = load_part(dy + i, rest), value = load_part(x + i, rest);
            V d = (g * load_part(weight + i, rest) - value * along) * scale;
            if (residual != NULL) d += load_part(residual + i, rest);
            store_part(dx + i, d, rest);
            if (dweight != NULL) store_part(dweight + i, load_part(dweight + i, rest) + g * value * scale, rest);
        }
        if (residual != NULL) residual += C;
    }
}
