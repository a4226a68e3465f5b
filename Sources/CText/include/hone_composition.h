// Canonical composition of Unicode 16.0, the parts of NFC that need tables.
#ifndef HONE_COMPOSITION_H
#define HONE_COMPOSITION_H

#include <stddef.h>
#include <stdint.h>

// The start of the first block at or after start that NFC may change, or length. A block is one settled scalar (a
// starter that never joins what stands before it) and all that is not settled behind it.
size_t hone_unsettled_block(const uint8_t *text, size_t start, size_t length);

// The end of the block that starts at text[start], start < length.
size_t hone_block_end(const uint8_t *text, size_t start, size_t length);

uint8_t hone_combining_class(uint32_t scalar);

// The full canonical decomposition, at most 4 scalars; returns their number, 1 for a scalar that has none.
size_t hone_decompose(uint32_t scalar, uint32_t parts[4]);

// The primary composite of two scalars, or 0.
uint32_t hone_compose(uint32_t first, uint32_t second);

#endif
