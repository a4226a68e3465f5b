#include <math.h>
#include <string.h>

#include "dispatch.h"

DISPATCH(float, hone_dot_f32, (size_t n, const float *x, const float *y), (n, x, y))

float hone_dot_f32_reference(size_t n, const float *x, const float *y) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)x[i] * y[i];
    return (float)sum;
}

DISPATCH(void, hone_axpy_f32, (size_t n, float alpha, const float *x, float *y), (n, alpha, x, y))

void hone_axpy_f32_reference(size_t n, float alpha, const float *x, float *y) {
    for (size_t i = 0; i < n; i++) y[i] += alpha * x[i];
}

DISPATCH(void, hone_scale_f32, (size_t n, float alpha, float *x), (n, alpha, x))

void hone_scale_f32_reference(size_t n, float alpha, float *x) {
    for (size_t i = 0; i < n; i++) x[i] *= alpha;
}

DISPATCH(double, hone_sum_of_squares_f32, (size_t n, const float *x), (n, x))

double hone_sum_of_squares_f32_reference(size_t n, const float *x) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)x[i] * x[i];
    return sum;
}

DISPATCH(void, hone_exp_f32, (size_t n, const float *x, float *y), (n, x, y))

void hone_exp_f32_reference(size_t n, const float *x, float *y) {
    for (size_t i = 0; i < n; i++) y[i] = expf(fminf(fmaxf(x[i], -87.3f), 88.3f));
}

DISPATCH(void, hone_dropout_f32, (size_t n, float rate, uint64_t key, uint64_t first, const float *x, float *y),
         (n, rate, key, first, x, y))

void hone_dropout_f32_reference(size_t n, float rate, uint64_t key, uint64_t first, const float *x, float *y) {
    for (size_t i = 0; i < n; i++) {
        uint32_t hash = (uint32_t)(first + i) ^ (uint32_t)key;
        hash = (hash ^ (hash >> 16)) * 0x21f0aaadu;
        hash = (hash ^ (hash >> 15)) + (uint32_t)(key >> 32);
        hash = (hash ^ (hash >> 16)) * 0x735a2d97u;
        hash ^= hash >> 15;
        y[i] = (hash >> 8) >= (uint32_t)(rate * 16777216.0f) ? x[i] * (1.0f / (1.0f - rate)) : 0;
    }
}

DISPATCH(void, hone_softcap_f32, (size_t n, float cap, float *x), (n, cap, x))

void hone_softcap_f32_reference(size_t n, float cap, float *x) {
    for (size_t i = 0; i < n; i++) x[i] = cap * tanhf(x[i] / cap);
}

DISPATCH(void, hone_softcap_backward_f32, (size_t n, float cap, const float *y, float *dx), (n, cap, y, dx))

void hone_softcap_backward_f32_reference(size_t n, float cap, const float *y, float *dx) {
    for (size_t i = 0; i < n; i++) dx[i] *= 1 - y[i] / cap * (y[i] / cap);
}

size_t hone_argmax_f32(size_t n, const float *x) {
    size_t best = 0;
    float largest = -INFINITY;
    for (size_t i = 0; i < n; i++)
        if (x[i] > largest) {
            largest = x[i];
            best = i;
        }
    return best;
}

void hone_expand_bf16(size_t n, const uint16_t *x, float *y) {
    for (size_t i = 0; i < n; i++) {
        const uint32_t bits = (uint32_t)x[i] << 16;
        memcpy(y + i, &bits, sizeof bits);
    }
}

void hone_expand_f16(size_t n, const uint16_t *x, float *y) {
    for (size_t i = 0; i < n; i++) {
        const uint32_t sign = (uint32_t)(x[i] & 0x8000) << 16, exponent = x[i] >> 10 & 31, fraction = x[i] & 1023;
        uint32_t bits;
        if (exponent == 31) {
            bits = sign | 0x7f800000 | fraction << 13;
            memcpy(y + i, &bits, sizeof bits);
        } else if (exponent == 0) {
            const float small = (float)fraction * 0x1p-24f;
            y[i] = sign ? -small : small;
        } else {
            bits = sign | (exponent + 112) << 23 | fraction << 13;
            memcpy(y + i, &bits, sizeof bits);
        }
    }
}
