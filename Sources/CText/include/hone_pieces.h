// Where a tokenizer's pieces end. Hand-written for the patterns that matter, because a regular expression engine is
// what makes other tokenizers slow. All texts are UTF-8; "number", "letter", "space" are Unicode 16.0's.
#ifndef HONE_PIECES_H
#define HONE_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    // The whole text is one piece.
    HONE_PIECES_WHOLE = 0,
    // 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
    HONE_PIECES_GPT2 = 1,
    // (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
    HONE_PIECES_LLAMA3 = 2,
    // The same with \p{N} in place of \p{N}{1,3}.
    HONE_PIECES_QWEN2 = 3,
    // Mistral's: words split where lower case turns to upper, single numbers, slashes after punctuation.
    HONE_PIECES_TEKKEN = 4,
    // U+2581* followed by what is not U+2581: exact for SentencePiece vocabularies in which no token has a U+2581 behind
    // another character (the caller has checked that).
    HONE_PIECES_METASPACE = 5,
    //  ?\p{L}+| ?\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+, GPT-2's without contractions and with single numbers: what
    // hone's own vocabularies are learned with.
    HONE_PIECES_PLAIN = 6,
} hone_pieces;

// The end of the piece that starts at text[start], start < length. The text ends at length: look-ahead stops there.
size_t hone_piece_end(hone_pieces pieces, const uint8_t *text, size_t start, size_t length);

// The classes of a scalar, as tested by \p{L}, \p{N}, \s, \p{M}, \p{P} and \w.
bool hone_is_letter(uint32_t scalar);
bool hone_is_number(uint32_t scalar);
bool hone_is_space(uint32_t scalar);
bool hone_is_mark(uint32_t scalar);
bool hone_is_punctuation(uint32_t scalar);
bool hone_is_word(uint32_t scalar);

// The first place in start..<length where a run of numbers begins or ends; length when there is none.
size_t hone_number_edge(const uint8_t *text, size_t start, size_t length);

#endif
