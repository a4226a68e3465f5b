// Hashing of short byte sequences (the multiply-and-fold of wyhash). For tables in memory only: it is not stable
// across byte orders.
#ifndef HONE_BYTE_HASH_H
#define HONE_BYTE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t hone_mix(uint64_t a, uint64_t b) {
    const __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t hone_word64(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    return word;
}

static inline uint32_t hone_word32(const uint8_t *bytes) {
    uint32_t word;
    memcpy(&word, bytes, 4);
    return word;
}

static inline uint64_t hone_hash_bytes(const uint8_t *bytes, size_t count) {
    const uint64_t k0 = 0xA0761D6478BD642Full, k1 = 0xE7037ED1A0B428DBull;
    uint64_t state = k0 ^ count, a = 0, b = 0;
    size_t left = count;
    for (; left > 16; bytes += 16, left -= 16) state = hone_mix(hone_word64(bytes) ^ k1, hone_word64(bytes + 8) ^ state);
    if (left >= 8) {
        a = hone_word64(bytes);
        b = hone_word64(bytes + left - 8);
    } else if (left >= 4) {
        a = hone_word32(bytes);
        b = hone_word32(bytes + left - 4);
    } else if (left > 0) {
        a = (uint64_t)bytes[0] << 16 | (uint64_t)bytes[left >> 1] << 8 | bytes[left - 1];
    }
    return hone_mix(a ^ k1, b ^ state);
}

static inline uint64_t hone_hash_pair(uint64_t pair) {
    return hone_mix(pair ^ 0x9E3779B97F4A7C15ull, 0xE7037ED1A0B428DBull);
}

// A power of two that leaves at least half of an open-addressing table free.
static inline uint64_t hone_table_size(size_t count) {
    uint64_t size = 16;
    while (size < 2 * (uint64_t)count) size *= 2;
    return size;
}

#endif
