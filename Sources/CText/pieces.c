#include "hone_pieces.h"

#include <string.h>

#include "unicode_tables.h"

bool hone_is_letter(uint32_t scalar) { return hone_traits(scalar) & HONE_LETTER; }
bool hone_is_number(uint32_t scalar) { return hone_traits(scalar) & HONE_NUMBER; }
bool hone_is_space(uint32_t scalar) { return hone_traits(scalar) & HONE_SPACE; }
bool hone_is_mark(uint32_t scalar) { return hone_traits(scalar) & HONE_MARK; }
bool hone_is_punctuation(uint32_t scalar) { return hone_traits(scalar) & HONE_PUNCTUATION; }
bool hone_is_word(uint32_t scalar) { return hone_traits(scalar) & HONE_WORD; }

enum { NOT_OTHER = HONE_LETTER | HONE_NUMBER | HONE_SPACE };

static inline uint8_t traits_at(const uint8_t *text, size_t at, size_t length, size_t *bytes) {
    if (text[at] < 0x80) {
        *bytes = 1;
        // Block 0 of the table is ASCII.
        return hone_trait_blocks[text[at]];
    }
    return hone_traits(hone_scalar(text, at, length, bytes));
}

// The end of the run of scalars that have (or, negated, lack) one of the wanted traits.
static inline size_t run_with(uint8_t wanted, const uint8_t *text, size_t at, size_t length) {
    size_t bytes;
    while (at < length && (traits_at(text, at, length, &bytes) & wanted)) at += bytes;
    return at;
}

static inline size_t run_without(uint8_t unwanted, const uint8_t *text, size_t at, size_t length) {
    size_t bytes;
    while (at < length && !(traits_at(text, at, length, &bytes) & unwanted)) at += bytes;
    return at;
}

// \s+(?!\S)|\s+ from a space: the last space is left for the word behind it, unless it is the only one.
static inline size_t space_piece(const uint8_t *text, size_t at, size_t length) {
    size_t bytes = 1, last = at, end = at;
    while (end < length && (traits_at(text, end, length, &bytes) & HONE_SPACE)) {
        last = end;
        end += bytes;
    }
    return end == length || last == at ? end : last;
}

static inline size_t gpt2_end(const uint8_t *text, size_t at, size_t length, bool is_plain) {
    size_t bytes;
    if (!is_plain && text[at] == '\'' && at + 1 < length) {
        const uint8_t a = text[at + 1], b = at + 2 < length ? text[at + 2] : 0;
        if (a == 's' || a == 't' || a == 'm' || a == 'd') return at + 2;
        if ((a == 'r' && b == 'e') || (a == 'v' && b == 'e') || (a == 'l' && b == 'l')) return at + 3;
    }
    const size_t word = at + (text[at] == ' ' && at + 1 < length);
    const uint8_t traits = traits_at(text, word, length, &bytes);
    if (traits & HONE_LETTER) return run_with(HONE_LETTER, text, word + bytes, length);
    if (traits & HONE_NUMBER) return is_plain ? word + bytes : run_with(HONE_NUMBER, text, word + bytes, length);
    if (!(traits & HONE_SPACE)) return run_without(NOT_OTHER, text, word + bytes, length);
    return space_piece(text, at, length);
}

// (?i:'s|'t|'re|'ve|'m|'ll|'d); at when nothing matches. U+017F is a case of s.
static inline size_t contraction_end(const uint8_t *text, size_t at, size_t length) {
    if (text[at] != '\'' || at + 1 >= length) return at;
    const uint8_t a = text[at + 1] | 0x20, b = at + 2 < length ? text[at + 2] | 0x20 : 0;
    if (text[at + 1] >= 0x80) {
        return text[at + 1] == 0xC5 && at + 2 < length && text[at + 2] == 0xBF ? at + 3 : at;
    }
    if (a == 's' || a == 't' || a == 'm' || a == 'd') return at + 2;
    if ((a == 'r' && b == 'e') || (a == 'v' && b == 'e') || (a == 'l' && b == 'l')) return at + 3;
    return at;
}

//  ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+, shared by the newer patterns.
static inline size_t rest_end(const uint8_t *text, size_t at, size_t length, bool slash_follows) {
    size_t bytes;
    const size_t other = at + (text[at] == ' ' && at + 1 < length);
    if (!(traits_at(text, other, length, &bytes) & NOT_OTHER)) {
        size_t end = run_without(NOT_OTHER, text, other + bytes, length);
        while (end < length && (text[end] == '\r' || text[end] == '\n' || (slash_follows && text[end] == '/'))) end++;
        return end;
    }
    size_t end = at, after_line_break = 0;
    while (end < length && (traits_at(text, end, length, &bytes) & HONE_SPACE)) {
        const bool is_line_break = text[end] == '\r' || text[end] == '\n';
        end += bytes;
        if (is_line_break) after_line_break = end;
    }
    return after_line_break ? after_line_break : space_piece(text, at, length);
}

static inline size_t llama3_end(const uint8_t *text, size_t at, size_t length, int most_digits) {
    const size_t contraction = contraction_end(text, at, length);
    if (contraction > at) return contraction;
    size_t bytes, next_bytes;
    const uint8_t traits = traits_at(text, at, length, &bytes);
    if (traits & HONE_LETTER) return run_with(HONE_LETTER, text, at + bytes, length);
    if (traits & HONE_NUMBER) {
        size_t end = at + bytes;
        for (int digits = 1; digits < most_digits && end < length; digits++) {
            if (!(traits_at(text, end, length, &bytes) & HONE_NUMBER)) break;
            end += bytes;
        }
        return end;
    }
    const size_t next = at + bytes;
    if (text[at] != '\r' && text[at] != '\n' && next < length
        && (traits_at(text, next, length, &next_bytes) & HONE_LETTER)) {
        return run_with(HONE_LETTER, text, next + next_bytes, length);
    }
    return rest_end(text, at, length, false);
}

// In tekken's word classes: upper case may start a word, lower case may end it, what has no case may do both.
static inline bool may_start(uint8_t traits) {
    return (traits & (HONE_LETTER | HONE_MARK)) && !(traits & HONE_LOWER);
}

static inline bool may_end(uint8_t traits) {
    return (traits & (HONE_LETTER | HONE_MARK)) && !(traits & HONE_UPPER);
}

// [start]*[end]+ when needs_end, else [start]+[end]*; at when it does not match.
static size_t cased_word_end(const uint8_t *text, size_t at, size_t length, bool needs_end) {
    size_t bytes, middle = at, after_caseless = at;
    while (middle < length) {
        const uint8_t traits = traits_at(text, middle, length, &bytes);
        if (!may_start(traits)) break;
        middle += bytes;
        if (may_end(traits)) after_caseless = middle;
    }
    size_t end = middle;
    while (end < length && may_end(traits_at(text, end, length, &bytes))) end += bytes;
    if (end > middle) return needs_end || middle > at ? end : at;
    // Nothing but [start]s: give back down to the last one that may also end the word.
    return needs_end ? after_caseless : middle;
}

static inline size_t tekken_end(const uint8_t *text, size_t at, size_t length) {
    size_t bytes;
    const uint8_t traits = traits_at(text, at, length, &bytes);
    const bool may_prefix = !(traits & (HONE_LETTER | HONE_NUMBER)) && text[at] != '\r' && text[at] != '\n';
    for (int needs_end = 1; needs_end >= 0; needs_end--) {
        if (may_prefix && at + bytes < length) {
            const size_t end = cased_word_end(text, at + bytes, length, needs_end);
            if (end > at + bytes) return end;
        }
        const size_t end = cased_word_end(text, at, length, needs_end);
        if (end > at) return end;
    }
    if (traits & HONE_NUMBER) return at + bytes;
    return rest_end(text, at, length, true);
}

static inline bool is_metaspace(const uint8_t *text, size_t at, size_t length) {
    return length - at >= 3 && text[at] == 0xE2 && text[at + 1] == 0x96 && text[at + 2] == 0x81;
}

static inline size_t metaspace_end(const uint8_t *text, size_t at, size_t length) {
    while (at < length && is_metaspace(text, at, length)) at += 3;
    while (at < length) {
        const uint8_t *lead = memchr(text + at, 0xE2, length - at);
        if (!lead) return length;
        at = (size_t)(lead - text);
        if (is_metaspace(text, at, length)) return at;
        at++;
    }
    return at;
}

size_t hone_piece_end(hone_pieces pieces, const uint8_t *text, size_t start, size_t length) {
    switch (pieces) {
    case HONE_PIECES_GPT2: return gpt2_end(text, start, length, false);
    case HONE_PIECES_PLAIN: return gpt2_end(text, start, length, true);
    case HONE_PIECES_LLAMA3: return llama3_end(text, start, length, 3);
    case HONE_PIECES_QWEN2: return llama3_end(text, start, length, 1);
    case HONE_PIECES_TEKKEN: return tekken_end(text, start, length);
    case HONE_PIECES_METASPACE: return metaspace_end(text, start, length);
    case HONE_PIECES_WHOLE: return length;
    }
    return length;
}

size_t hone_number_edge(const uint8_t *text, size_t start, size_t length) {
    size_t bytes;
    if (start >= length) return length;
    return traits_at(text, start, length, &bytes) & HONE_NUMBER ? run_with(HONE_NUMBER, text, start, length)
                                                                : run_without(HONE_NUMBER, text, start, length);
}
