// Finds added tokens in text: leftmost, and among those that start together the longest.
#ifndef HONE_TOKEN_MATCHER_H
#define HONE_TOKEN_MATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hone_token_matcher hone_token_matcher;

// Pattern i is bytes[offsets[i]..<offsets[i + 1]]; empty patterns never match, of equal patterns the last counts.
// Returns null when memory runs out.
hone_token_matcher *hone_token_matcher_create(const uint8_t *bytes, const uint32_t *offsets, size_t patterns);
void hone_token_matcher_destroy(hone_token_matcher *matcher);

// The first match at or after from: sets its place and pattern. False when there is none.
bool hone_token_matcher_next(const hone_token_matcher *matcher, const uint8_t *text, size_t from, size_t length,
                             size_t *start, size_t *end, size_t *pattern);

#endif
