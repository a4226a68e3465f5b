void NAME(hone_swiglu_forward)(size_t T, size_t C, const float *gate_up, float *h) {
    const size_t whole = C / LANES * LANES, rest = C - whole;
    for (size_t t = 0; t < T; t++, gate_up += 2 * C, h += C) {
        size_t i = 0;
        for (; i < whole; i += LANES) {
            V gate = load(gate_up + i);
            store(h + i, gate * sigmoid_lanes(gate) * load(gate_up + C + i));
        }
        if (rest) {
            V gate = load_part(gate_up + i, rest);
            store_part(h + i, gate * sigmoid_lanes(gate) * load_part(gate_up + C + i, rest), rest);
        }
    }
}

void NAME(hone_swiglu_backward)(size_t T, size_t C, float *gate_up, float *dh) {
    const size_t whole = C / LANES * LANES, rest = C - whole;
    for (size_t t = 0; t < T; t++, gate_up += 2 * C, dh += C) {
        size_t i = 0;
        for (; i < whole; i += LANES) {
            V gate = load(gate_up + i), up = load(gate_up + C + i), d = load(dh + i);
            V sigmoid = sigmoid_lanes(gate), silu = gate * sigmoid;
            store(gate_up + i, d * up * (sigmoid + silu * (splat(1.0f) - sigmoid)));
            store(gate_up + C + i, d * silu);
            store(dh + i, silu * up);
        }
        if (rest) {
            V gate = load_part(gate_up + i, rest), up = load_part(gate_up + C + i, rest), d = load_part(dh + i, rest);
            V sigmoid = sigmoid_lanes(gate), silu = gate * sigmoid;
            store_part(gate_up + i, d * up * (sigmoid + silu * (splat(1.0f) - sigmoid)), rest);
            store_part(gate_up + C + i, d * silu, rest);
            store_part(dh + i, silu * up, rest);
        }
    }
}
