// Unicode 16.0 as two-stage tables: blocks[index[c >> 7] << 7 | (c & 127)]. See Scripts/unicode_tables.py.
#ifndef HONE_UNICODE_TABLES_H
#define HONE_UNICODE_TABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HONE_LETTER = 1,
    HONE_NUMBER = 2,
    HONE_SPACE = 4,
    HONE_MARK = 8,
    HONE_PUNCTUATION = 16,
    HONE_UPPER = 32,
    HONE_LOWER = 64,
    HONE_WORD = 128,
};

extern const uint8_t hone_trait_index[8704];
extern const uint8_t hone_trait_blocks[];
extern const uint8_t hone_combining_index[8704];
extern const uint8_t hone_combining_blocks[];
extern const uint8_t hone_unsure_index[8704];
extern const uint8_t hone_unsure_blocks[];

// Sorted by code point: code point << 11 | length of its full canonical decomposition; Hangul is arithmetic.
extern const uint32_t hone_decomposed[];
extern const uint16_t hone_decomposition_start[];
extern const uint32_t hone_decomposition_pool[];
extern const uint32_t hone_decomposed_count;

// Primary composites, sorted by first << 32 | second.
extern const uint64_t hone_composed_pair[];
extern const uint32_t hone_composed[];
extern const uint32_t hone_composed_count;

static inline uint8_t hone_look_up(const uint8_t *index, const uint8_t *blocks, uint32_t scalar) {
    return scalar > 0x10FFFF ? 0 : blocks[(uint32_t)index[scalar >> 7] << 7 | (scalar & 127)];
}

static inline uint8_t hone_traits(uint32_t scalar) {
    return hone_look_up(hone_trait_index, hone_trait_blocks, scalar);
}

// The scalar at text[at] and the number of its bytes; text must be UTF-8 and at < length. Never reads at or past
// length: a byte that starts nothing counts as one scalar of its own value.
static inline uint32_t hone_scalar(const uint8_t *text, size_t at, size_t length, size_t *bytes) {
    const uint8_t lead = text[at];
    const size_t left = length - at;
    if (lead < 0xC0 || left < 2) {
        *bytes = 1;
        return lead;
    }
    if (lead < 0xE0) {
        *bytes = 2;
        return (uint32_t)(lead & 0x1F) << 6 | (text[at + 1] & 0x3F);
    }
    if (lead < 0xF0 && left >= 3) {
        *bytes = 3;
        return (uint32_t)(lead & 0x0F) << 12 | (uint32_t)(text[at + 1] & 0x3F) << 6 | (text[at + 2] & 0x3F);
    }
    if (lead >= 0xF0 && left >= 4) {
        *bytes = 4;
        return (uint32_t)(lead & 0x07) << 18 | (uint32_t)(text[at + 1] & 0x3F) << 12
             | (uint32_t)(text[at + 2] & 0x3F) << 6 | (text[at + 3] & 0x3F);
    }
    *bytes = 1;
    return lead;
}

#endif
