#include "hone_composition.h"

#include "unicode_tables.h"

// Hangul syllables are arithmetic (Unicode 16.0, section 3.12).
enum {
    SYLLABLES = 0xAC00,
    LEADS = 0x1100,
    VOWELS = 0x1161,
    TAILS = 0x11A7,
    LEAD_COUNT = 19,
    VOWEL_COUNT = 21,
    TAIL_COUNT = 28,
    SYLLABLE_COUNT = LEAD_COUNT * VOWEL_COUNT * TAIL_COUNT,
};

uint8_t hone_combining_class(uint32_t scalar) {
    return hone_look_up(hone_combining_index, hone_combining_blocks, scalar);
}

static inline int is_settled(uint32_t scalar) {
    return scalar < 0x300
        || (!hone_look_up(hone_unsure_index, hone_unsure_blocks, scalar) && hone_combining_class(scalar) == 0);
}

size_t hone_unsettled_block(const uint8_t *text, size_t start, size_t length) {
    size_t bytes, block = start;
    for (size_t at = start; at < length; at += bytes) {
        if (text[at] < 0xCC) {
            // Below U+0300: always settled.
            bytes = text[at] < 0xC0 ? 1 : 2;
            block = at;
            continue;
        }
        if (!is_settled(hone_scalar(text, at, length, &bytes))) return block;
        block = at;
    }
    return length;
}

size_t hone_block_end(const uint8_t *text, size_t start, size_t length) {
    size_t bytes;
    hone_scalar(text, start, length, &bytes);
    for (size_t at = start + bytes; at < length; at += bytes) {
        if (is_settled(hone_scalar(text, at, length, &bytes))) return at;
    }
    return length;
}

size_t hone_decompose(uint32_t scalar, uint32_t parts[4]) {
    if (scalar - SYLLABLES < SYLLABLE_COUNT) {
        const uint32_t place = scalar - SYLLABLES, tail = place % TAIL_COUNT;
        parts[0] = LEADS + place / (VOWEL_COUNT * TAIL_COUNT);
        parts[1] = VOWELS + place % (VOWEL_COUNT * TAIL_COUNT) / TAIL_COUNT;
        parts[2] = TAILS + tail;
        return tail ? 3 : 2;
    }
    size_t low = 0, high = hone_decomposed_count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (hone_decomposed[middle] >> 11 < scalar) low = middle + 1;
        else high = middle;
    }
    if (low == hone_decomposed_count || hone_decomposed[low] >> 11 != scalar) {
        parts[0] = scalar;
        return 1;
    }
    const size_t count = hone_decomposed[low] & 7;
    for (size_t i = 0; i < count; i++) parts[i] = hone_decomposition_pool[hone_decomposition_start[low] + i];
    return count;
}

uint32_t hone_compose(uint32_t first, uint32_t second) {
    if (first - LEADS < LEAD_COUNT && second - VOWELS < VOWEL_COUNT) {
        return SYLLABLES + ((first - LEADS) * VOWEL_COUNT + (second - VOWELS)) * TAIL_COUNT;
    }
    if (first - SYLLABLES < SYLLABLE_COUNT && (first - SYLLABLES) % TAIL_COUNT == 0 && second > TAILS
        && second < TAILS + TAIL_COUNT) {
        return first + (second - TAILS);
    }
    const uint64_t pair = (uint64_t)first << 32 | second;
    size_t low = 0, high = hone_composed_count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (hone_composed_pair[middle] < pair) low = middle + 1;
        else high = middle;
    }
    return low < hone_composed_count && hone_composed_pair[low] == pair ? hone_composed[low] : 0;
}
