#include "hone_byte_pairs.h"

#include <stdlib.h>
#include <string.h>

#include "byte_hash.h"
#include "unicode_tables.h"

// Open addressing over the pair of ids.
typedef struct {
    uint64_t pair;
    uint32_t rank;
    int32_t merged;
} merge_slot;

struct hone_byte_pairs {
    const hone_vocabulary *vocabulary;
    merge_slot *merges;
    uint64_t merge_mask;
    bool is_byte_level, ignores_merges, fuses_unknown, falls_back;
    int32_t unknown_id;
    int32_t byte_ids[256];      // byte-level: the token of each single byte
    int32_t fallback_ids[256];  // <0x00>...<0xFF>
};

static const uint64_t FREE_PAIR = UINT64_MAX;
static const uint32_t NO_RANK = UINT32_MAX;

// Words of a language repeat: most pieces are found here and never merged again. One line of cache each.
enum { CACHED_BYTES = 22, CACHED_IDS = 8, CACHE_BITS = 14 };
typedef struct {
    int32_t ids[CACHED_IDS];
    uint8_t ends[CACHED_IDS];
    uint8_t bytes[CACHED_BYTES];
    uint8_t byte_count, id_count;  // id_count 0 is free
} cached_piece;

// A symbol on its way to becoming a token; a merged-away one has length 0.
typedef struct {
    int32_t id;
    uint32_t start, length;
    int32_t previous, next;
} symbol;

typedef struct {
    uint32_t rank;
    int32_t at, merged;
} candidate;

struct hone_workspace {
    hone_token *tokens;
    size_t token_count, token_capacity;
    symbol *symbols;
    size_t symbol_capacity;
    uint32_t *ranks;  // as many as symbols
    int32_t *merged;
    candidate *heap;
    size_t heap_count, heap_capacity;
    const hone_byte_pairs *cache_owner;
    cached_piece *cache;
};

static inline uint64_t pair_of(int32_t left, int32_t right) { return (uint64_t)(uint32_t)left << 32 | (uint32_t)right; }

static inline const merge_slot *find_merge(const hone_byte_pairs *model, int32_t left, int32_t right) {
    const uint64_t pair = pair_of(left, right);
    for (uint64_t slot = hone_hash_pair(pair) & model->merge_mask;; slot = (slot + 1) & model->merge_mask) {
        const merge_slot *entry = &model->merges[slot];
        if (entry->pair == pair) return entry;
        if (entry->pair == FREE_PAIR) return NULL;
    }
}

static void insert_merge(hone_byte_pairs *model, int32_t left, int32_t right, uint32_t rank, int32_t merged) {
    const uint64_t pair = pair_of(left, right);
    uint64_t slot = hone_hash_pair(pair) & model->merge_mask;
    while (model->merges[slot].pair != FREE_PAIR && model->merges[slot].pair != pair) slot = (slot + 1) & model->merge_mask;
    model->merges[slot] = (merge_slot){.pair = pair, .rank = rank, .merged = merged};
}

hone_byte_pairs *hone_byte_pairs_create(const hone_vocabulary *vocabulary, const int32_t *merges, size_t merge_count,
                                        hone_byte_pair_options options) {
    hone_byte_pairs *model = calloc(1, sizeof *model);
    if (!model) return NULL;
    const uint64_t size = hone_table_size(merge_count);
    model->merges = malloc(size * sizeof *model->merges);
    if (!model->merges) {
        free(model);
        return NULL;
    }
    model->vocabulary = vocabulary;
    model->merge_mask = size - 1;
    for (uint64_t slot = 0; slot < size; slot++) model->merges[slot] = (merge_slot){FREE_PAIR, NO_RANK, -1};
    for (size_t rank = 0; rank < merge_count; rank++) {
        insert_merge(model, merges[3 * rank], merges[3 * rank + 1], (uint32_t)rank, merges[3 * rank + 2]);
    }
    model->is_byte_level = options.is_byte_level;
    model->ignores_merges = options.ignores_merges;
    model->fuses_unknown = options.fuses_unknown;
    model->unknown_id = options.unknown_id;
    model->falls_back = options.byte_fallback_ids != NULL;
    for (int byte = 0; byte < 256; byte++) {
        const uint8_t value = (uint8_t)byte;
        model->byte_ids[byte] = hone_vocabulary_find(vocabulary, &value, 1);
        model->fallback_ids[byte] = options.byte_fallback_ids ? options.byte_fallback_ids[byte] : -1;
    }
    return model;
}

void hone_byte_pairs_destroy(hone_byte_pairs *model) {
    if (!model) return;
    free(model->merges);
    free(model);
}

hone_workspace *hone_workspace_create(void) { return calloc(1, sizeof(hone_workspace)); }

void hone_workspace_destroy(hone_workspace *workspace) {
    if (!workspace) return;
    free(workspace->tokens);
    free(workspace->symbols);
    free(workspace->ranks);
    free(workspace->merged);
    free(workspace->heap);
    free(workspace->cache);
    free(workspace);
}

const hone_token *hone_tokens(const hone_workspace *workspace) { return workspace->tokens; }
size_t hone_token_count(const hone_workspace *workspace) { return workspace->token_count; }
void hone_forget_tokens(hone_workspace *workspace) { workspace->token_count = 0; }

static bool reserve_tokens(hone_workspace *workspace, size_t more) {
    if (workspace->token_count + more <= workspace->token_capacity) return true;
    size_t capacity = workspace->token_capacity ? workspace->token_capacity : 256;
    while (capacity < workspace->token_count + more) capacity *= 2;
    hone_token *tokens = realloc(workspace->tokens, capacity * sizeof *tokens);
    if (!tokens) return false;
    workspace->tokens = tokens;
    workspace->token_capacity = capacity;
    return true;
}

bool hone_append_token(hone_workspace *workspace, hone_token token) {
    if (!reserve_tokens(workspace, 1)) return false;
    workspace->tokens[workspace->token_count++] = token;
    return true;
}

static bool reserve_symbols(hone_workspace *workspace, size_t count) {
    if (count <= workspace->symbol_capacity) return true;
    size_t capacity = workspace->symbol_capacity ? workspace->symbol_capacity : 256;
    while (capacity < count) capacity *= 2;
    symbol *symbols = realloc(workspace->symbols, capacity * sizeof *symbols);
    if (symbols) workspace->symbols = symbols;
    uint32_t *ranks = realloc(workspace->ranks, capacity * sizeof *ranks);
    if (ranks) workspace->ranks = ranks;
    int32_t *merged = realloc(workspace->merged, capacity * sizeof *merged);
    if (merged) workspace->merged = merged;
    if (!symbols || !ranks || !merged) return false;
    workspace->symbol_capacity = capacity;
    return true;
}

static inline void add_symbol(symbol *symbols, size_t *count, int32_t id, size_t start, size_t length) {
    symbols[*count] = (symbol){.id = id, .start = (uint32_t)start, .length = (uint32_t)length};
    (*count)++;
}

// The symbols a piece starts as. An unknown run is held back until a known symbol ends it; byte tokens do not end it.
static size_t first_symbols(const hone_byte_pairs *model, symbol *symbols, const uint8_t *text, size_t start, size_t end) {
    size_t count = 0, unknown_start = 0, unknown_length = 0;
    for (size_t at = start, bytes; at < end; at += bytes) {
        int32_t id;
        if (model->is_byte_level) {
            bytes = 1;
            id = model->byte_ids[text[at]];
        } else {
            hone_scalar(text, at, end, &bytes);
            id = hone_vocabulary_find(model->vocabulary, text + at, bytes);
        }
        if (id >= 0) {
            if (unknown_length) add_symbol(symbols, &count, model->unknown_id, unknown_start, unknown_length);
            unknown_length = 0;
            add_symbol(symbols, &count, id, at, bytes);
            continue;
        }
        if (model->falls_back) {
            bool has_all = true;
            for (size_t byte = 0; byte < bytes; byte++) has_all &= model->fallback_ids[text[at + byte]] >= 0;
            if (has_all) {
                for (size_t byte = 0; byte < bytes; byte++) {
                    add_symbol(symbols, &count, model->fallback_ids[text[at + byte]], at + byte, 1);
                }
                continue;
            }
        }
        if (model->unknown_id < 0) continue;
        if (unknown_length && model->fuses_unknown) {
            unknown_length = at + bytes - unknown_start;
        } else {
            if (unknown_length) add_symbol(symbols, &count, model->unknown_id, unknown_start, unknown_length);
            unknown_start = at;
            unknown_length = bytes;
        }
    }
    if (unknown_length) add_symbol(symbols, &count, model->unknown_id, unknown_start, unknown_length);
    return count;
}

// Short pieces: look at every pair, merge the best (leftmost among equals), repeat. Quadratic, and faster than a heap
// up to some tens of symbols because everything lies in one line of cache or two.
static size_t merge_by_scanning(const hone_byte_pairs *model, hone_workspace *workspace, size_t count) {
    symbol *symbols = workspace->symbols;
    uint32_t *ranks = workspace->ranks;
    int32_t *merged = workspace->merged;
    for (size_t i = 0; i + 1 < count; i++) {
        const merge_slot *merge = find_merge(model, symbols[i].id, symbols[i + 1].id);
        ranks[i] = merge ? merge->rank : NO_RANK;
        merged[i] = merge ? merge->merged : -1;
    }
    while (count > 1) {
        size_t best = 0;
        for (size_t i = 1; i + 1 < count; i++) best = ranks[i] < ranks[best] ? i : best;
        if (ranks[best] == NO_RANK) break;
        symbols[best].id = merged[best];
        symbols[best].length += symbols[best + 1].length;
        memmove(symbols + best + 1, symbols + best + 2, (count - best - 2) * sizeof *symbols);
        memmove(ranks + best, ranks + best + 1, (count - best - 2) * sizeof *ranks);
        memmove(merged + best, merged + best + 1, (count - best - 2) * sizeof *merged);
        count--;
        for (size_t i = best ? best - 1 : 0; i <= best && i + 1 < count; i++) {
            const merge_slot *merge = find_merge(model, symbols[i].id, symbols[i + 1].id);
            ranks[i] = merge ? merge->rank : NO_RANK;
            merged[i] = merge ? merge->merged : -1;
        }
    }
    return count;
}

static inline bool is_before(candidate a, candidate b) { return a.rank < b.rank || (a.rank == b.rank && a.at < b.at); }

static bool push_candidate(hone_workspace *workspace, candidate new) {
    if (workspace->heap_count == workspace->heap_capacity) {
        const size_t capacity = workspace->heap_capacity ? 2 * workspace->heap_capacity : 256;
        candidate *heap = realloc(workspace->heap, capacity * sizeof *heap);
        if (!heap) return false;
        workspace->heap = heap;
        workspace->heap_capacity = capacity;
    }
    size_t hole = workspace->heap_count++;
    while (hole > 0 && is_before(new, workspace->heap[(hole - 1) / 2])) {
        workspace->heap[hole] = workspace->heap[(hole - 1) / 2];
        hole = (hole - 1) / 2;
    }
    workspace->heap[hole] = new;
    return true;
}

static candidate pop_candidate(hone_workspace *workspace) {
    candidate *heap = workspace->heap;
    const candidate top = heap[0], last = heap[--workspace->heap_count];
    size_t hole = 0;
    for (size_t child = 1; child < workspace->heap_count; child = 2 * hole + 1) {
        if (child + 1 < workspace->heap_count && is_before(heap[child + 1], heap[child])) child++;
        if (!is_before(heap[child], last)) break;
        heap[hole] = heap[child];
        hole = child;
    }
    heap[hole] = last;
    return top;
}

static bool consider(const hone_byte_pairs *model, hone_workspace *workspace, int32_t left, int32_t right) {
    if (left < 0 || right < 0) return true;
    const merge_slot *merge = find_merge(model, workspace->symbols[left].id, workspace->symbols[right].id);
    return !merge || push_candidate(workspace, (candidate){merge->rank, left, merge->merged});
}

// Long pieces: a heap of candidates over a linked list. A candidate whose pair has changed since is dropped.
static bool merge_by_heap(const hone_byte_pairs *model, hone_workspace *workspace, size_t *count) {
    symbol *symbols = workspace->symbols;
    workspace->heap_count = 0;
    for (size_t i = 0; i < *count; i++) {
        symbols[i].previous = (int32_t)i - 1;
        symbols[i].next = i + 1 < *count ? (int32_t)i + 1 : -1;
    }
    for (size_t i = 0; i + 1 < *count; i++) {
        if (!consider(model, workspace, (int32_t)i, (int32_t)i + 1)) return false;
    }
    while (workspace->heap_count > 0) {
        const candidate top = pop_candidate(workspace);
        symbol *left = &symbols[top.at];
        if (left->length == 0 || left->next < 0) continue;
        symbol *right = &symbols[left->next];
        const merge_slot *merge = find_merge(model, left->id, right->id);
        if (!merge || merge->merged != top.merged) continue;
        left->id = top.merged;
        left->length += right->length;
        right->length = 0;
        left->next = right->next;
        if (left->next >= 0) symbols[left->next].previous = top.at;
        if (!consider(model, workspace, left->previous, top.at)) return false;
        if (!consider(model, workspace, top.at, left->next)) return false;
    }
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        if (symbols[i].length) symbols[kept++] = symbols[i];
    }
    *count = kept;
    return true;
}

enum { MOST_SCANNED_SYMBOLS = 48 };

static bool encode_piece(const hone_byte_pairs *model, hone_workspace *workspace, const uint8_t *text, size_t start,
                         size_t end) {
    const size_t length = end - start;
    cached_piece *cached = NULL;
    if (length <= CACHED_BYTES) {
        const uint64_t hash = hone_hash_bytes(text + start, length);
        cached = &workspace->cache[hash >> (64 - CACHE_BITS)];
        if (cached->id_count && cached->byte_count == length && memcmp(cached->bytes, text + start, length) == 0) {
            hone_token *out = workspace->tokens + workspace->token_count;
            size_t token_start = start;
            for (size_t i = 0; i < cached->id_count; i++) {
                const size_t token_end = start + cached->ends[i];
                out[i] = (hone_token){cached->ids[i], (uint32_t)token_start, (uint32_t)token_end};
                token_start = token_end;
            }
            workspace->token_count += cached->id_count;
            return true;
        }
    }
    size_t count;
    const int32_t whole = model->ignores_merges ? hone_vocabulary_find(model->vocabulary, text + start, length) : -1;
    if (!reserve_symbols(workspace, length)) return false;
    if (whole >= 0) {
        count = 0;
        add_symbol(workspace->symbols, &count, whole, start, length);
    } else {
        count = first_symbols(model, workspace->symbols, text, start, end);
        if (count <= MOST_SCANNED_SYMBOLS) {
            count = merge_by_scanning(model, workspace, count);
        } else if (!merge_by_heap(model, workspace, &count)) {
            return false;
        }
    }
    hone_token *out = workspace->tokens + workspace->token_count;
    size_t covered = start;
    bool is_seamless = true;
    for (size_t i = 0; i < count; i++) {
        const symbol part = workspace->symbols[i];
        is_seamless &= part.start == covered;
        covered = part.start + part.length;
        out[i] = (hone_token){part.id, part.start, (uint32_t)covered};
    }
    workspace->token_count += count;
    if (cached && count > 0 && count <= CACHED_IDS && is_seamless && covered == end) {
        cached->byte_count = (uint8_t)length;
        cached->id_count = (uint8_t)count;
        memcpy(cached->bytes, text + start, length);
        for (size_t i = 0; i < count; i++) {
            cached->ids[i] = out[i].id;
            cached->ends[i] = (uint8_t)(out[i].end - start);
        }
    }
    return true;
}

bool hone_encode_pieces(const hone_byte_pairs *model, hone_workspace *workspace, hone_pieces pieces, const uint8_t *text,
                        size_t start, size_t end) {
    if (!workspace->cache) {
        workspace->cache = aligned_alloc(sizeof *workspace->cache, sizeof *workspace->cache << CACHE_BITS);
        if (!workspace->cache) return false;
    }
    if (workspace->cache_owner != model) {
        memset(workspace->cache, 0, sizeof *workspace->cache << CACHE_BITS);
    }
    workspace->cache_owner = model;
    while (start < end) {
        const size_t piece_end = hone_piece_end(pieces, text, start, end);
        if (!reserve_tokens(workspace, piece_end - start)) return false;
        if (!encode_piece(model, workspace, text, start, piece_end)) return false;
        start = piece_end;
    }
    return true;
}
