INLINE V square_root(V x) { return __builtin_elementwise_sqrt(x); }

INLINE void adamw_lanes(const hone_adamw_step *s, V g, V *value, V *m, V *v) {
    g *= splat(s->gradient_scale);
    *m = *m + (g - *m) * splat(1.0f - s->beta1);
    *v = *v * splat(s->beta2) + g * g * splat(1.0f - s->beta2);
    V denominator = square_root(*v) / splat(s->correction2_sqrt) + splat(s->epsilon);
    *value = *value * splat(1.0f - s->learning_rate * s->weight_decay) -
             *m / denominator * splat(s->learning_rate / s->correction1);
}

void NAME(hone_adamw)(size_t n, const hone_adamw_step *step, const float *gradient, float *value, float *m, float *v) {
    const hone_adamw_step s = *step;
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        V value_ = load(value + i), m_ = load(m + i), v_ = load(v + i);
        adamw_lanes(&s, load(gradient + i), &value_, &m_, &v_);
        store(value + i, value_);
        store(m + i, m_);
        store(v + i, v_);
    }
    const size_t rest = n - i;
    if (rest) {
        V value_ = load_part(value + i, rest), m_ = load_part(m + i, rest), v_ = load_part(v + i, rest);
        adamw_lanes(&s, load_part(gradient + i, rest), &value_, &m_, &v_);
        store_part(value + i, value_, rest);
        store_part(m + i, m_, rest);
        store_part(v + i, v_, rest);
    }
}
