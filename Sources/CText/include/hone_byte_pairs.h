// Byte-pair encoding of pieces of UTF-8 text. A model is read-only once made and can be shared by threads; each thread
// brings its own workspace, which remembers the pieces it has seen.
#ifndef HONE_BYTE_PAIRS_H
#define HONE_BYTE_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hone_pieces.h"
#include "hone_vocabulary.h"

typedef struct hone_byte_pairs hone_byte_pairs;
typedef struct hone_workspace hone_workspace;

// An id and the bytes start..<end of the text it stands for.
typedef struct {
    int32_t id;
    uint32_t start, end;
} hone_token;

typedef struct {
    // Symbols start as single bytes (byte-level), else as Unicode scalars.
    bool is_byte_level;
    // A piece that is a token as a whole is that token, whatever the merges say.
    bool ignores_merges;
    // Neighbouring unknown symbols become one unknown token.
    bool fuses_unknown;
    // -1: a symbol that is no token leaves no trace.
    int32_t unknown_id;
    // Ids of <0x00>...<0xFF>, -1 where the vocabulary lacks one; null without byte fallback.
    const int32_t *byte_fallback_ids;
} hone_byte_pair_options;

// Merges are triples left id, right id, merged id in order of rank. The vocabulary, indexed, must outlive the model and
// stay as it is; its texts are raw bytes. Returns null when memory runs out.
hone_byte_pairs *hone_byte_pairs_create(const hone_vocabulary *vocabulary, const int32_t *merges, size_t merge_count,
                                        hone_byte_pair_options options);
void hone_byte_pairs_destroy(hone_byte_pairs *model);

hone_workspace *hone_workspace_create(void);
void hone_workspace_destroy(hone_workspace *workspace);

// Cuts text[start..<end] into pieces and appends their tokens to those in the workspace; end < 2^32. False when memory
// ran out; the tokens are then incomplete.
bool hone_encode_pieces(const hone_byte_pairs *model, hone_workspace *workspace, hone_pieces pieces, const uint8_t *text,
                        size_t start, size_t end);

// Appends one token that was found by other means. False when memory ran out.
bool hone_append_token(hone_workspace *workspace, hone_token token);

const hone_token *hone_tokens(const hone_workspace *workspace);
size_t hone_token_count(const hone_workspace *workspace);
void hone_forget_tokens(hone_workspace *workspace);

#endif
