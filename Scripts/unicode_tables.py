#!/usr/bin/env python3
"""Writes Sources/CText/unicode_tables.c: the Unicode 16.0 facts that tokenizers ask for.

    pip install unicodedata2==16.0.0
    Scripts/unicode_tables.py > Sources/CText/unicode_tables.c

The version is pinned because a tokenizer's ids depend on it: `tokenizers` 0.23 knows the letters of Unicode 16 and not
those of 17, whatever the system's or the compiler's tables know.
"""
import unicodedata2 as ucd

assert ucd.unidata_version == "16.0.0", ucd.unidata_version
LAST = 0x110000
LETTER, NUMBER, SPACE, MARK, PUNCTUATION, UPPER, LOWER, WORD = (1 << i for i in range(8))
# White_Space, complete; not 1C-1F, 180E, 200B, 2060, FEFF.
SPACES = {*range(9, 14), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000}
# Other_Alphabetic beyond marks (circled and squared letters), and Join_Control: both are \w.
WORD_SYMBOLS = {*range(0x24B6, 0x24EA), *range(0x1F130, 0x1F14A), *range(0x1F150, 0x1F16A), *range(0x1F170, 0x1F18A),
                0x200C, 0x200D}


def traits(code):
    category = ucd.category(chr(code))
    bits = {"L": LETTER, "N": NUMBER, "M": MARK, "P": PUNCTUATION}.get(category[0], 0)
    bits |= {"Lu": UPPER, "Lt": UPPER, "Ll": LOWER}.get(category, 0)
    if code in SPACES:
        bits |= SPACE
    if category[0] in "LM" or category in ("Nd", "Nl", "Pc") or code in WORD_SYMBOLS:
        bits |= WORD
    return bits


def decomposition(char):
    """The full canonical decomposition; Hangul is left to arithmetic."""
    code = ord(char)
    if 0xAC00 <= code <= 0xD7A3:
        return char
    full = ucd.normalize("NFD", char)
    return full


def stages(values, bits):
    size = 1 << bits
    blocks, index = {}, []
    for start in range(0, len(values), size):
        block = tuple(values[start:start + size])
        index.append(blocks.setdefault(block, len(blocks)))
    return index, [v for block in blocks for v in block]


def array(kind, name, values, per_line=24):
    lines = [", ".join(str(v) for v in values[i:i + per_line]) for i in range(0, len(values), per_line)]
    print(f"const {kind} {name}[{len(values)}] = {{\n    " + ",\n    ".join(lines) + ",\n};\n")


every = [chr(c) if not 0xD800 <= c <= 0xDFFF else "\0" for c in range(LAST)]
print("// Written by Scripts/unicode_tables.py from Unicode 16.0; do not edit.\n")
print('#include "unicode_tables.h"\n')
index, blocks = stages([traits(c) for c in range(LAST)], 7)
array("uint8_t" if max(index) < 256 else "uint16_t", "hone_trait_index", index)
array("uint8_t", "hone_trait_blocks", blocks)

index, blocks = stages([ucd.combining(c) for c in every], 7)
array("uint8_t", "hone_combining_index", index)
array("uint8_t", "hone_combining_blocks", blocks)

# Full decompositions, sorted: code point, place in the pool, length.
pool, rows = [], []
for char in every:
    full = decomposition(char)
    if full != char:
        rows.append((ord(char), len(pool), len(full)))
        pool.extend(ord(c) for c in full)
array("uint32_t", "hone_decomposed", [row[0] << 11 | row[2] for row in rows], 12)
array("uint16_t", "hone_decomposition_start", [row[1] for row in rows])
array("uint32_t", "hone_decomposition_pool", pool, 16)
print(f"const uint32_t hone_decomposed_count = {len(rows)};\n")

# Primary composites: first, second -> composed, sorted by the pair. NFC itself knows the exclusions.
pairs = []
for char in every:
    if 0xAC00 <= ord(char) <= 0xD7A3:
        continue
    parts = ucd.decomposition(char).split()
    if len(parts) == 2 and not parts[0].startswith("<"):
        first, second = (int(p, 16) for p in parts)
        if ucd.normalize("NFC", chr(first) + chr(second)) == char:
            pairs.append((first, second, ord(char)))
pairs.sort()
array("uint64_t", "hone_composed_pair", [f"{first << 32 | second}u" for first, second, _ in pairs], 8)
array("uint32_t", "hone_composed", [composed for _, _, composed in pairs], 16)
print(f"const uint32_t hone_composed_count = {len(pairs)};\n")

# Characters that NFC may change: their own NFC differs, or they can be the second half of a composite.
seconds = {second for _, second, _ in pairs} | set(range(0x1161, 0x1176)) | set(range(0x11A8, 0x11C3))
unsure = [1 if ucd.normalize("NFC", c) != c or ord(c) in seconds else 0 for c in every]
index, blocks = stages(unsure, 7)
array("uint8_t", "hone_unsure_index", index)
array("uint8_t", "hone_unsure_blocks", blocks)
