// gelu(x) = x * sigmoid(2u) with u = sqrt(2 / pi) (x + 0.044715 x^3): the tanh form, since 1 + tanh(u) = 2 sigmoid(2u).
INLINE V gelu_gate(V x) {
    return sigmoid_lanes(splat(1.5957691216057308f) * x * (splat(1.0f) + splat(0.044715f) * x * x));
}

INLINE V gelu_slope(V x, V gate) {
    const V inner = splat(1.5957691216057308f) * (splat(1.0f) + splat(3 * 0.044715f) * x * x);
    return gate + x * gate * (splat(1.0f) - gate) * inner;
}

void NAME(hone_geglu_forward)(size_t T, size_t C, const float *gate_up, float *h) {
    const size_t whole = C / LANES * LANES, rest = C - whole;
    for (size_t t = 0; t < T; t++, gate_up += 2 * C, h += C) {
        size_t i = 0;
        for (; i < whole; i += LANES) {
            V x = load(gate_up + i);
            store(h + i, x * gelu_gate(x) * load(gate_up + C + i));
        }
        if (rest) {
            V x = load_part(gate_up + i, rest);
            store_part(h + i, x * gelu_gate(x) * load_part(gate_up + C + i, rest), rest);
        }
    }
}

void NAME(hone_geglu_backward)(size_t T, size_t C, float *gate_up, float *dh) {
    const size_t whole = C / LANES * LANES, rest = C - whole;
    for (size_t t = 0; t < T; t++, gate_up += 2 * C, dh += C) {
        size_t i = 0;
        for (; i < whole; i += LANES) {
            V x = load(gate_up + i), up = load(gate_up + C + i), d = load(dh + i), gate = gelu_gate(x);
            store(gate_up + i, d * up * gelu_slope(x, gate));
            store(gate_up + C + i, d * x * gate);
            store(dh + i, x * gate * up);
        }
        if (rest) {
            V x = load_part(gate_up + i, rest), up = load_part(gate_up + C + i, rest), d = load_part(dh + i, rest);
            V gate = gelu_gate(x);
            store_part(gate_up + i, d * up * gelu_slope(x, gate), rest);
            store_part(gate_up + C + i, d * x * gate, rest);
            store_part(dh + i, x * gate * up, rest);
        }
    }
}
