#!/usr/bin/env python3
"""Small tokenizers, one per way of combining components, with what `tokenizers` 0.23.3 makes of awkward texts.

    make.py [OUT_FOLDER [TEXTS_PER_VARIANT [SEED]]]       (needs: tokenizers)

Writes VARIANT.json: {"tokenizer": a tokenizer.json, "vectors": [[text, ids, ids_special, offsets, decoded], ...]}; offsets are UTF-8 bytes
of the source, as ranges. Compared for equality; offsets only where the library does not trim or widen them.
"""
import json, random, sys
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

OUT, COUNT, SEED = (sys.argv[1:] + ["."])[0], int((sys.argv + [0] * 3)[2] or 40), int((sys.argv + [0] * 4)[3] or 7)
random.seed(SEED)
CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
TAIL = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|" + TAIL
QWEN2 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|" + TAIL
MARK, UP, LOW = r"[^\r\n\p{L}\p{N}]?", r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
TEKKEN = (MARK + UP + "*" + LOW + "+|" + MARK + UP + "+" + LOW
          + r"*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
PLAIN = r" ?\p{L}+| ?\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
TEXT = ("The quick brown fox jumps over the lazy dog. It's what we've said; they'll say 1234567 times. "
        "Der Mörder ißt Käse. Ελληνικά γράμματα. Привет, мир! 你好世界。 こんにちは 😀🎉 don't DON'T camelCase HTTPServer "
        "for (int i = 0; i < 10; i++) { return x[i]; }\n\n\tdef f(a, b):\r\n        return a + b\n") * 3
FRAGMENTS = ["a", "b", "the", " the", "  ", " ", "   ", "\n", "\r\n", "\n\n", "\t", "'s", "'S", "'ſ", "'ll", "'LL", "'re", "'x", "'",
             "1", "23", "456", "7890", "½", "²", "４５", "𝟘𝟙𝟚", "٣", "é", "e\u0301", "a\u0300b", "q\u0323\u0307", "q\u0307\u0323", "각", "가\u11a8",
             "\u1100\u1161\u11a8", "Å", "Å", "ﬁ", "ΐ", "ΐ", "Ǆ", "ǅ", "你好", "こ", "नमस्ते", "ไทย", "😀", "👩‍👩‍👧", "\u200b", "\ufeff", "\u00a0", "\u2003",
             "\u2028", "\u180e", "\x1c", "\x00", "\x7f", "\u0378", "Ω", "ᲊ", "!", "?!", "...", "</", "//", "\\", "_", "__", "-", "$5", "#", "@x", "<x>", "[A]",
             "<|im_end|>", "<|im_start|>", "▁", "▁▁", "x▁y", "camelCase", "HTTPServer", "ABCdef", "XMLa\u0301B", "\u0301", "\u0301\u0301a", "İ", "ß"]
SAMPLES = ["", *FRAGMENTS, *("".join(random.choice(FRAGMENTS) for _ in range(random.randint(2, 14))) for _ in range(COUNT))]


def byte_level(split=(), normalizer=None, use_regex=False, prefix=False, **model):
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    trained.train_from_iterator([TEXT], trainers.BpeTrainer(vocab_size=420, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    core = json.loads(trained.to_str())["model"]
    merges = [tuple(m) for m in core["merges"]]
    tokenizer = Tokenizer(models.BPE(vocab=core["vocab"], merges=merges, **model))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*split, pre_tokenizers.ByteLevel(add_prefix_space=prefix, trim_offsets=False, use_regex=use_regex)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<|im_start|>", "<|im_end|>"])
    return tokenizer


def pieces(normalizer="llama", pre=None, special=True, drop=(), crossing=False, **model):
    """SentencePiece-style: scalars and some merges, byte fallback."""
    trained = Tokenizer(models.BPE())
    trained.normalizer = normalizers.Replace(" ", "▁")
    trained.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    trained.train_from_iterator([TEXT], trainers.BpeTrainer(vocab_size=330, show_progress=False))
    core = json.loads(trained.to_str())["model"]
    names = ["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256) if b not in drop]
    vocab = {name: i for i, name in enumerate(names + list(core["vocab"]) + (["e▁"] if crossing else []))}
    merges = [tuple(m) for m in core["merges"]] + ([("e", "▁")] if crossing else [])
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True, **model))
    if normalizer == "llama":
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    elif normalizer == "gemma":
        tokenizer.normalizer = normalizers.Replace(" ", "▁")
    if pre:
        tokenizer.pre_tokenizer = pre
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
                                          + ([decoders.Strip(" ", 1, 0)] if normalizer == "llama" else []))
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", vocab["<s>"])])
    tokenizer.add_special_tokens(["<s>", "</s>", "<|im_end|>"])
    return tokenizer


def with_added(tokenizer, *tokens):
    for token in tokens:
        (tokenizer.add_special_tokens if token.special else tokenizer.add_tokens)([token])
    return tokenizer


def split(pattern, behavior="isolated", invert=False):
    return pre_tokenizers.Split(Regex(pattern) if len(pattern) > 3 else pattern, behavior, invert)


def digits(individual):
    return pre_tokenizers.Digits(individual_digits=individual)


def metaspace(scheme, split=True):
    return pre_tokenizers.Metaspace("▁", scheme, split)


VARIANTS = {
    "gpt2": byte_level(use_regex=True),
    "gpt2-prefix-space": byte_level(use_regex=True, prefix=True),
    "smollm": byte_level([digits(True)], use_regex=True),
    "digit-runs": byte_level([digits(False)], use_regex=True),
    "llama3": byte_level([split(LLAMA3)], ignore_merges=True),
    "olmo2": byte_level([split(LLAMA3, "removed", True)]),
    "qwen2": byte_level([split(QWEN2)], normalizers.NFC()),
    "plain": byte_level([split(PLAIN)]),
    "tekken": byte_level([split(TEKKEN)], ignore_merges=True),
    "punctuation": byte_level([pre_tokenizers.Punctuation("isolated")], use_regex=True),
    "punctuation-merged": byte_level([pre_tokenizers.Punctuation("merged_with_previous")]),
    "punctuation-next": byte_level([pre_tokenizers.Punctuation("merged_with_next")]),
    "punctuation-contiguous": byte_level([pre_tokenizers.Punctuation("contiguous")]),
    "spaces-removed": byte_level([split(" ", "removed")]),
    "spaces-merged": byte_level([split(" ", "merged_with_previous")]),
    "whitespace-split": byte_level([pre_tokenizers.WhitespaceSplit()]),
    "llama2": pieces(),
    "llama2-missing-bytes": pieces(drop=range(0xC0, 0x100)),
    "llama2-crossing": pieces(crossing=True),
    "gemma": pieces("gemma", split(" ", "merged_with_previous")),
    "metaspace-always": pieces(None, metaspace("always")),
    "metaspace-first": pieces(None, metaspace("first", False)),
    "metaspace-never": pieces(None, metaspace("never")),
    "added-flags": with_added(
        byte_level(use_regex=True), AddedToken("[A]", lstrip=True, normalized=False), AddedToken("<x>", rstrip=True, special=True),
        AddedToken("the", single_word=True, normalized=False), AddedToken("??", normalized=False), AddedToken("</", lstrip=True, rstrip=True)),
    "added-normalized": with_added(
        byte_level([split(QWEN2)], normalizers.NFC()), AddedToken("e\u0301", normalized=True), AddedToken("1", normalized=True, single_word=True)),
    "added-in-pieces": with_added(pieces(), AddedToken(" the", normalized=True), AddedToken("<x>", rstrip=True, special=True),
                                  AddedToken("\n\n", normalized=False)),
}


def byte_offsets(text, offsets):
    at = [0]
    for char in text:
        at.append(at[-1] + len(char.encode()))
    return [[at[a], at[b]] for a, b in offsets]


for name, tokenizer in VARIANTS.items():
    vectors = []
    for text in SAMPLES:
        plain, special = tokenizer.encode(text, add_special_tokens=False), tokenizer.encode(text)
        vectors.append([text, plain.ids, special.ids, byte_offsets(text, plain.offsets), tokenizer.decode(plain.ids)])
    with open(f"{OUT}/{name}.json", "w", encoding="utf-8") as file:
        json.dump({"tokenizer": json.loads(tokenizer.to_str()), "vectors": vectors}, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")
