#include "hone_vocabulary.h"

#include <stdlib.h>
#include <string.h>

#include "byte_hash.h"

typedef struct {
    uint32_t hash;
    int32_t token;  // -1 is free
} slot;

typedef struct {
    uint64_t start;
    uint32_t count;
    int32_t id;
} token;

struct hone_vocabulary {
    uint8_t *bytes;
    size_t byte_count, byte_capacity;
    token *tokens;
    size_t count, capacity;
    slot *slots;
    uint64_t mask;
};

hone_vocabulary *hone_vocabulary_create(void) {
    hone_vocabulary *vocabulary = calloc(1, sizeof *vocabulary);
    if (vocabulary && hone_vocabulary_index(vocabulary)) return vocabulary;
    free(vocabulary);
    return NULL;
}

void hone_vocabulary_destroy(hone_vocabulary *vocabulary) {
    if (!vocabulary) return;
    free(vocabulary->bytes);
    free(vocabulary->tokens);
    free(vocabulary->slots);
    free(vocabulary);
}

bool hone_vocabulary_add(hone_vocabulary *vocabulary, const uint8_t *bytes, size_t count, int32_t id) {
    if (count > UINT32_MAX || vocabulary->count >= INT32_MAX) return false;
    if (vocabulary->byte_count + count > vocabulary->byte_capacity) {
        const size_t capacity = 2 * (vocabulary->byte_count + count) + 4096;
        uint8_t *grown = realloc(vocabulary->bytes, capacity);
        if (!grown) return false;
        vocabulary->bytes = grown;
        vocabulary->byte_capacity = capacity;
    }
    if (vocabulary->count == vocabulary->capacity) {
        const size_t capacity = 2 * vocabulary->capacity + 1024;
        token *grown = realloc(vocabulary->tokens, capacity * sizeof *grown);
        if (!grown) return false;
        vocabulary->tokens = grown;
        vocabulary->capacity = capacity;
    }
    if (count) memcpy(vocabulary->bytes + vocabulary->byte_count, bytes, count);
    vocabulary->tokens[vocabulary->count++] = (token){vocabulary->byte_count, (uint32_t)count, id};
    vocabulary->byte_count += count;
    return true;
}

static inline bool has_text(const hone_vocabulary *vocabulary, int32_t index, const uint8_t *bytes, size_t count) {
    const token *entry = &vocabulary->tokens[index];
    return entry->count == count && (count == 0 || memcmp(vocabulary->bytes + entry->start, bytes, count) == 0);
}

bool hone_vocabulary_index(hone_vocabulary *vocabulary) {
    const uint64_t size = hone_table_size(vocabulary->count);
    slot *slots = malloc(size * sizeof *slots);
    if (!slots) return false;
    free(vocabulary->slots);
    vocabulary->slots = slots;
    vocabulary->mask = size - 1;
    for (uint64_t i = 0; i < size; i++) slots[i] = (slot){0, -1};
    for (size_t index = 0; index < vocabulary->count; index++) {
        const token *entry = &vocabulary->tokens[index];
        const uint8_t *bytes = vocabulary->bytes + entry->start;
        const uint64_t hash = hone_hash_bytes(bytes, entry->count);
        uint64_t place = hash & vocabulary->mask;
        while (slots[place].token >= 0
               && !(slots[place].hash == (uint32_t)(hash >> 32)
                    && has_text(vocabulary, slots[place].token, bytes, entry->count))) {
            place = (place + 1) & vocabulary->mask;
        }
        slots[place] = (slot){(uint32_t)(hash >> 32), (int32_t)index};
    }
    return true;
}

int32_t hone_vocabulary_find(const hone_vocabulary *vocabulary, const uint8_t *bytes, size_t count) {
    const uint64_t hash = hone_hash_bytes(bytes, count);
    for (uint64_t place = hash & vocabulary->mask;; place = (place + 1) & vocabulary->mask) {
        const slot entry = vocabulary->slots[place];
        if (entry.token < 0) return -1;
        if (entry.hash == (uint32_t)(hash >> 32) && has_text(vocabulary, entry.token, bytes, count)) {
            return vocabulary->tokens[entry.token].id;
        }
    }
}

size_t hone_vocabulary_count(const hone_vocabulary *vocabulary) { return vocabulary->count; }

const uint8_t *hone_vocabulary_token(const hone_vocabulary *vocabulary, size_t index, size_t *count, int32_t *id) {
    const token *entry = &vocabulary->tokens[index];
    *count = entry->count;
    *id = entry->id;
    return vocabulary->bytes + entry->start;
}
