#include "hone_token_matcher.h"

#include <stdlib.h>

// A trie with sibling lists. Texts hold few bytes that start an added token, so the table of first bytes does the work.
typedef struct {
    int32_t first_child, next_sibling, pattern;
    uint8_t byte;
} node;

struct hone_token_matcher {
    int32_t roots[256];
    node *nodes;
    size_t count;
};

hone_token_matcher *hone_token_matcher_create(const uint8_t *bytes, const uint32_t *offsets, size_t patterns) {
    hone_token_matcher *matcher = calloc(1, sizeof *matcher);
    if (!matcher) return NULL;
    matcher->nodes = malloc(((size_t)(patterns ? offsets[patterns] : 0) + 1) * sizeof *matcher->nodes);
    if (!matcher->nodes) {
        free(matcher);
        return NULL;
    }
    for (int byte = 0; byte < 256; byte++) matcher->roots[byte] = -1;
    for (size_t pattern = 0; pattern < patterns; pattern++) {
        int32_t *link = NULL, here = -1;
        for (uint32_t at = offsets[pattern]; at < offsets[pattern + 1]; at++) {
            link = here < 0 ? &matcher->roots[bytes[at]] : &matcher->nodes[here].first_child;
            while (*link >= 0 && matcher->nodes[*link].byte != bytes[at]) link = &matcher->nodes[*link].next_sibling;
            if (*link < 0) {
                *link = (int32_t)matcher->count;
                matcher->nodes[matcher->count++] = (node){-1, -1, -1, bytes[at]};
            }
            here = *link;
        }
        if (here >= 0) matcher->nodes[here].pattern = (int32_t)pattern;
    }
    return matcher;
}

void hone_token_matcher_destroy(hone_token_matcher *matcher) {
    if (!matcher) return;
    free(matcher->nodes);
    free(matcher);
}

bool hone_token_matcher_next(const hone_token_matcher *matcher, const uint8_t *text, size_t from, size_t length,
                             size_t *start, size_t *end, size_t *pattern) {
    for (; from < length; from++) {
        int32_t here = matcher->roots[text[from]];
        int32_t longest = -1;
        for (size_t at = from + 1; here >= 0; at++) {
            if (matcher->nodes[here].pattern >= 0) {
                longest = matcher->nodes[here].pattern;
                *end = at;
            }
            if (at >= length) break;
            here = matcher->nodes[here].first_child;
            while (here >= 0 && matcher->nodes[here].byte != text[at]) here = matcher->nodes[here].next_sibling;
        }
        if (longest >= 0) {
            *start = from;
            *pattern = (size_t)longest;
            return true;
        }
    }
    return false;
}
