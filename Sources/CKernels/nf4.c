#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "CKernels.h"

// The 16 values of NF4 (arXiv 2305.14314, appendix E), as bitsandbytes spells them.
static const float nf4[16] = {
    -1.0f,
    -0.6961928009986877f,
    -0.5250730514526367f,
    -0.39491748809814453f,
    -0.28444138169288635f,
    -0.18477343022823334f,
    -0.09105003625154495f,
    0.0f,
    0.07958029955625534f,
    0.16093020141124725f,
    0.24611230194568634f,
    0.33791524171829224f,
    0.44070982933044434f,
    0.5626170039176941f,
    0.7229568362236023f,
    1.0f,
};

const float *hone_nf4_values(void) { return nf4; }

// How many midpoints of neighbouring values lie below x; values ascend.
static size_t nearest(const float *values, size_t count, float x) {
    size_t low = 0, high = count - 1;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (x > (values[middle] + values[middle + 1]) / 2)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void hone_nf4_quantize(size_t n, size_t block, const float *x, uint8_t *packed, float *absmax) {
    for (size_t first = 0; first < n; first += block) {
        const size_t end = first + block < n ? first + block : n;
        float largest = 0;
        for (size_t i = first; i < end; i++) largest = fmaxf(largest, fabsf(x[i]));
        absmax[first / block] = largest;
        const float scale = 1.0f / fmaxf(largest, 1e-38f);
        for (size_t i = first; i < end; i++) {
            const float share = fminf(fmaxf(x[i] * scale, -1.0f), 1.0f);
            const uint8_t code = (uint8_t)nearest(nf4, 16, share);
            if (i % 2 == 0)
                packed[i / 2] = (uint8_t)(code << 4);
            else
                packed[i / 2] |= code;
        }
    }
}

void hone_nf4_expand(size_t n, size_t block, const uint8_t *packed, const float *values, const float *absmax, float *x) {
    for (size_t i = 0; i < n; i++) {
        const uint8_t code = i % 2 == 0 ? packed[i / 2] >> 4 : packed[i / 2] & 15;
        x[i] = values[code] * absmax[i / block];
    }
}

// torch.linspace in float32: steps from either end, with the product added before it is rounded.
static float linspace(float from, float to, size_t count, size_t i) {
    const float step = (to - from) / (float)(count - 1);
    const double value = i < count / 2 ? (double)from + (double)step * (double)i
                                       : (double)to - (double)step * (double)(count - 1 - i);
    return (float)value;
}

void hone_dynamic_map(float map[256]) {
    size_t count = 0;
    for (int decade = 0; decade < 7; decade++) {
        const size_t steps = ((size_t)1 << decade) + 1;
        for (size_t i = 0; i + 1 < steps; i++) {
            const float middle = (linspace(0.1f, 1.0f, steps, i) + linspace(0.1f, 1.0f, steps, i + 1)) / 2.0f;
            const float value = (float)pow(10.0, decade - 6) * middle;
            map[count++] = value;
            map[count++] = -value;
        }
    }
    map[count++] = 0;
    map[count++] = 1;
    for (size_t i = 1; i < count; i++) {
        const float value = map[i];
        size_t place = i;
        for (; place > 0 && map[place - 1] > value; place--) map[place] = map[place - 1];
        map[place] = value;
    }
}

// numpy's and torch's sum of float32: pairs of halves, so that the mean has their bits for the sizes in use.
static float pairwise_sum(const float *x, size_t n) {
    if (n < 8) {
        float sum = 0;
        for (size_t i = 0; i < n; i++) sum += x[i];
        return sum;
    }
    if (n <= 128) {
        float s[8];
        memcpy(s, x, sizeof s);
        size_t i = 8;
        for (; i + 8 <= n; i += 8)
            for (size_t k = 0; k < 8; k++) s[k] += x[i + k];
        float sum = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
        for (; i < n; i++) sum += x[i];
        return sum;
    }
    const size_t half = n / 2 - n / 2 % 8;
    return pairwise_sum(x, half) + pairwise_sum(x + half, n - half);
}

float hone_absmax_quantize(size_t n, size_t block, const float *absmax, uint8_t *codes, float *absmax2) {
    float map[256];
    hone_dynamic_map(map);
    const float offset = pairwise_sum(absmax, n) / (float)n;
    for (size_t first = 0; first < n; first += block) {
        const size_t end = first + block < n ? first + block : n;
        float largest = 0;
        for (size_t i = first; i < end; i++) largest = fmaxf(largest, fabsf(absmax[i] - offset));
        absmax2[first / block] = largest;
        for (size_t i = first; i < end; i++)
            codes[i] = (uint8_t)nearest(map, 256, largest > 0 ? (absmax[i] - offset) / largest : 0);
    }
    return offset;
}

void hone_absmax_expand(size_t n, size_t block, const uint8_t *codes, const float *map, const float *absmax2,
                        float offset, float *absmax) {
    for (size_t i = 0; i < n; i++) absmax[i] = map[codes[i]] * absmax2[i / block] + offset;
}
