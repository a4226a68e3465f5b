// Token texts and ids, and the two big tables of a tokenizer.json read without building a value for every entry: a
// vocabulary has 100,000 entries and its merges twice as many, and keys that Unicode calls equal must stay apart.
#ifndef HONE_VOCABULARY_H
#define HONE_VOCABULARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct hone_vocabulary hone_vocabulary;

// All functions that make or grow something return null or false when memory runs out.
hone_vocabulary *hone_vocabulary_create(void);
void hone_vocabulary_destroy(hone_vocabulary *vocabulary);

// Of equal texts the last counts. id >= 0.
bool hone_vocabulary_add(hone_vocabulary *vocabulary, const uint8_t *bytes, size_t count, int32_t id);

// Makes the tokens added so far findable. To be called again after more were added.
bool hone_vocabulary_index(hone_vocabulary *vocabulary);

// The id of the token with exactly these bytes, or -1.
int32_t hone_vocabulary_find(const hone_vocabulary *vocabulary, const uint8_t *bytes, size_t count);

size_t hone_vocabulary_count(const hone_vocabulary *vocabulary);
// The token added as number index < count; its bytes live until the next token is added.
const uint8_t *hone_vocabulary_token(const hone_vocabulary *vocabulary, size_t index, size_t *count, int32_t *id);

typedef struct {
    size_t start, end;
} hone_byte_range;

// The place of the value of the last member called key of the JSON object that starts at or after object_start. False
// when the text is not an object there, ends early, or has no such member. Keys with escapes are not looked into.
bool hone_json_member(const uint8_t *text, size_t length, size_t object_start, const char *key, hone_byte_range *value);

// The number of elements of the JSON array in span, or SIZE_MAX when it is none.
size_t hone_json_element_count(const uint8_t *text, hone_byte_range span);

// Adds the members "token": id of the JSON object in span. False at the first thing that is not such a member.
bool hone_json_read_vocabulary(const uint8_t *text, hone_byte_range span, hone_vocabulary *vocabulary);

// Reads merges, each "left right" or ["left", "right"], as triples left id, right id, merged id; triples has room for
// hone_json_element_count of them. Returns how many were read before the first that is malformed or names no token.
size_t hone_json_read_merges(const uint8_t *text, hone_byte_range span, const hone_vocabulary *vocabulary, int32_t *triples);

#endif
