#include <stdlib.h>
#include <string.h>

#include "hone_vocabulary.h"

// A cursor over JSON. Every function returns false, and leaves the cursor anywhere, when the text is not what was asked
// for; the caller then has the strict parser say what is wrong.
typedef struct {
    const uint8_t *text;
    size_t at, end;
} cursor;

// A string without its escapes.
typedef struct {
    uint8_t *bytes;
    size_t count, capacity;
} buffer;

static void skip_space(cursor *c) {
    while (c->at < c->end
           && (c->text[c->at] == ' ' || c->text[c->at] == '\n' || c->text[c->at] == '\r' || c->text[c->at] == '\t')) {
        c->at++;
    }
}

static bool take(cursor *c, uint8_t byte) {
    skip_space(c);
    if (c->at >= c->end || c->text[c->at] != byte) return false;
    c->at++;
    return true;
}

// The span between the quotes.
static bool skip_string(cursor *c, hone_byte_range *inside) {
    if (!take(c, '"')) return false;
    const size_t start = c->at;
    for (; c->at < c->end; c->at++) {
        if (c->text[c->at] == '\\') {
            c->at++;
        } else if (c->text[c->at] == '"') {
            *inside = (hone_byte_range){start, c->at++};
            return true;
        }
    }
    return false;
}

// A byte of a number or of true, false, null.
static bool is_bare(uint8_t byte) {
    return (byte >= '0' && byte <= '9') || (byte | 0x20) - 'a' < 26u || byte == '-' || byte == '+' || byte == '.';
}

static bool skip_value(cursor *c) {
    hone_byte_range inside;
    size_t depth = 0;
    do {
        skip_space(c);
        if (c->at >= c->end) return false;
        switch (c->text[c->at]) {
        case '"':
            if (!skip_string(c, &inside)) return false;
            break;
        case '{':
        case '[':
            depth++;
            c->at++;
            break;
        case '}':
        case ']':
            if (depth == 0) return false;
            depth--;
            c->at++;
            break;
        case ',':
        case ':':
            if (depth == 0) return false;
            c->at++;
            break;
        default:
            if (!is_bare(c->text[c->at])) return false;
            while (c->at < c->end && is_bare(c->text[c->at])) c->at++;
        }
    } while (depth > 0);
    return true;
}

bool hone_json_member(const uint8_t *text, size_t length, size_t object_start, const char *key, hone_byte_range *value) {
    cursor c = {text, object_start, length};
    bool is_found = false;
    if (!take(&c, '{')) return false;
    if (take(&c, '}')) return false;
    do {
        hone_byte_range name;
        if (!skip_string(&c, &name) || !take(&c, ':')) return false;
        skip_space(&c);
        const size_t start = c.at;
        if (!skip_value(&c)) return false;
        if (name.end - name.start == strlen(key) && memcmp(text + name.start, key, strlen(key)) == 0) {
            *value = (hone_byte_range){start, c.at};
            is_found = true;
        }
    } while (take(&c, ','));
    return is_found && take(&c, '}');
}

static bool append_scalar(buffer *b, uint32_t scalar) {
    if (scalar < 0x80) {
        b->bytes[b->count++] = (uint8_t)scalar;
    } else if (scalar < 0x800) {
        b->bytes[b->count++] = (uint8_t)(0xC0 | scalar >> 6);
        b->bytes[b->count++] = (uint8_t)(0x80 | (scalar & 0x3F));
    } else if (scalar < 0x10000) {
        if (scalar >= 0xD800 && scalar < 0xE000) return false;
        b->bytes[b->count++] = (uint8_t)(0xE0 | scalar >> 12);
        b->bytes[b->count++] = (uint8_t)(0x80 | (scalar >> 6 & 0x3F));
        b->bytes[b->count++] = (uint8_t)(0x80 | (scalar & 0x3F));
    } else {
        b->bytes[b->count++] = (uint8_t)(0xF0 | scalar >> 18);
        b->bytes[b->count++] = (uint8_t)(0x80 | (scalar >> 12 & 0x3F));
        b->bytes[b->count++] = (uint8_t)(0x80 | (scalar >> 6 & 0x3F));
        b->bytes[b->count++] = (uint8_t)(0x80 | (scalar & 0x3F));
    }
    return true;
}

static bool read_hex(const uint8_t *text, size_t at, size_t end, uint32_t *value) {
    if (end - at < 4) return false;
    *value = 0;
    for (int i = 0; i < 4; i++) {
        const uint8_t digit = text[at + i];
        if (digit >= '0' && digit <= '9') *value = *value << 4 | (uint32_t)(digit - '0');
        else if ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f') *value = *value << 4 | (uint32_t)((digit | 0x20) - 'a' + 10);
        else return false;
    }
    return true;
}

// Appends the string at the cursor. An escape is never shorter than what it stands for.
static bool read_string(cursor *c, buffer *b) {
    hone_byte_range inside;
    if (!skip_string(c, &inside)) return false;
    if (b->count + (inside.end - inside.start) > b->capacity) {
        const size_t capacity = 2 * (b->count + inside.end - inside.start) + 256;
        uint8_t *grown = realloc(b->bytes, capacity);
        if (!grown) return false;
        b->bytes = grown;
        b->capacity = capacity;
    }
    const uint8_t *text = c->text;
    for (size_t at = inside.start; at < inside.end; at++) {
        if (text[at] < 0x20) return false;
        if (text[at] != '\\') {
            b->bytes[b->count++] = text[at];
            continue;
        }
        at++;
        const char *names = "\"\\/bfnrt", *meanings = "\"\\/\b\f\n\r\t", *name = memchr(names, text[at], 8);
        if (name) {
            b->bytes[b->count++] = (uint8_t)meanings[name - names];
            continue;
        }
        uint32_t unit, low;
        if (text[at] != 'u' || !read_hex(text, at + 1, inside.end, &unit)) return false;
        at += 4;
        if (unit >= 0xD800 && unit < 0xDC00) {
            if (inside.end - at < 7 || text[at + 1] != '\\' || text[at + 2] != 'u') return false;
            if (!read_hex(text, at + 3, inside.end, &low) || low < 0xDC00 || low > 0xDFFF) return false;
            unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            at += 6;
        }
        if (!append_scalar(b, unit)) return false;
    }
    return true;
}

size_t hone_json_element_count(const uint8_t *text, hone_byte_range span) {
    cursor c = {text, span.start, span.end};
    size_t count = 0;
    if (!take(&c, '[')) return SIZE_MAX;
    if (take(&c, ']')) return 0;
    do {
        if (!skip_value(&c)) return SIZE_MAX;
        count++;
    } while (take(&c, ','));
    return take(&c, ']') ? count : SIZE_MAX;
}

static bool read_id(cursor *c, int32_t *id) {
    skip_space(c);
    const size_t start = c->at;
    int64_t value = 0;
    while (c->at < c->end && c->text[c->at] >= '0' && c->text[c->at] <= '9') {
        value = 10 * value + (c->text[c->at++] - '0');
        if (value > INT32_MAX) return false;
    }
    *id = (int32_t)value;
    // A leading zero, a fraction or an exponent is for the strict parser to judge.
    return c->at > start && !(c->text[start] == '0' && c->at - start > 1) && c->at < c->end
        && !strchr(".eE+-", c->text[c->at]);
}

bool hone_json_read_vocabulary(const uint8_t *text, hone_byte_range span, hone_vocabulary *vocabulary) {
    cursor c = {text, span.start, span.end};
    buffer b = {0};
    bool is_read = take(&c, '{');
    if (is_read && !take(&c, '}')) {
        do {
            int32_t id;
            b.count = 0;
            is_read = read_string(&c, &b) && take(&c, ':') && read_id(&c, &id)
                   && hone_vocabulary_add(vocabulary, b.bytes, b.count, id);
        } while (is_read && take(&c, ','));
        is_read = is_read && take(&c, '}');
    }
    free(b.bytes);
    return is_read && hone_vocabulary_index(vocabulary);
}

// Appends both halves to the buffer; left is the length of the first.
static bool read_merge(cursor *c, buffer *b, size_t *left) {
    b->count = 0;
    if (take(c, '[')) {
        if (!read_string(c, b)) return false;
        *left = b->count;
        return take(c, ',') && read_string(c, b) && take(c, ']');
    }
    if (!read_string(c, b)) return false;
    uint8_t *space = b->count ? memchr(b->bytes, ' ', b->count) : NULL;
    if (!space) return false;
    *left = (size_t)(space - b->bytes);
    b->count--;
    memmove(space, space + 1, b->count - *left);
    return !memchr(space, ' ', b->count - *left);
}

size_t hone_json_read_merges(const uint8_t *text, hone_byte_range span, const hone_vocabulary *vocabulary, int32_t *triples) {
    cursor c = {text, span.start, span.end};
    buffer b = {0};
    size_t count = 0, left;
    if (!take(&c, '[') || take(&c, ']')) return 0;
    do {
        if (!read_merge(&c, &b, &left)) break;
        int32_t *triple = triples + 3 * count;
        triple[0] = hone_vocabulary_find(vocabulary, b.bytes, left);
        triple[1] = hone_vocabulary_find(vocabulary, b.bytes + left, b.count - left);
        triple[2] = hone_vocabulary_find(vocabulary, b.bytes, b.count);
        if (triple[0] < 0 || triple[1] < 0 || triple[2] < 0) break;
        count++;
    } while (take(&c, ','));
    free(b.bytes);
    return count;
}
