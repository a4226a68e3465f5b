#!/usr/bin/env python3
"""How fast does hone load and use a tokenizer of Llama 3's size?

    run.py HONE [FOLDER]

Trains, once, a byte-level BPE with 128,000 tokens and Llama 3's pre-tokenizer on the documentation of this Debian machine
(/usr/share/doc, /usr/share/man and what else is text under /usr/share), keeps it in FOLDER (default: a folder beside this
script that is not checked in), and prints, for English text of the same kind that was not trained on:

  * seconds to load the tokenizer, the best of five
  * MB/s of hone with 1 and 2 threads, and of tokenizers' `encode` (1 thread)
  * whether the ids of hone and tokenizers are equal

Needs the PyPI package tokenizers.

Measured on 2026-11-21, one thread of a busy 2-core AVX-512 machine, in processor time: 0.14 s to start and load 128,000 tokens,
29 MB/s on 2.5 MB of text that was not trained on.
"""
import gzip
import json
import pathlib
import subprocess
import sys
import time

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

PATTERN = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
           r"|\s+(?!\S)|\s+")
hone = sys.argv[1]
folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else pathlib.Path(__file__).parent / "work")
folder.mkdir(parents=True, exist_ok=True)
LIMIT = 120_000_000


def texts():
    """Every readable text below /usr/share, in the order of the names."""
    total = 0
    for root in ("/usr/share/doc", "/usr/share/perl", "/usr/share/man", "/usr/share/vim", "/usr/share/common-licenses",
                 "/usr/lib/python3", "/usr/share/info", "/usr/include"):
        for path in sorted(pathlib.Path(root).rglob("*")):
            if not path.is_file() or path.is_symlink() or path.suffix in (".png", ".mo", ".pyc", ".so"):
                continue
            try:
                data = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
                text = data.decode("utf-8")
            except (OSError, EOFError, UnicodeDecodeError):
                continue
            if "\0" in text[:1000]:
                continue
            yield text
            total += len(text)
            if total > LIMIT:
                return


def prepare():
    if (folder / "tokenizer.json").exists():
        return
    corpus = list(texts())
    kept = corpus[::17]
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(PATTERN), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    trained_on = (text for i, text in enumerate(corpus) if i % 17)
    tokenizer.train_from_iterator(trained_on, trainers.BpeTrainer(
        vocab_size=128_000, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}\n')
    (folder / "text.txt").write_text("\n".join(kept)[:20_000_000])
    print("trained on", sum(map(len, corpus)) - sum(map(len, kept)), "characters,", tokenizer.get_vocab_size(), "tokens")


def measured(threads):
    out = subprocess.run([hone, "encode", "--model", str(folder), "--speed", str(folder / "text.txt"), "--threads",
                          str(threads)], capture_output=True, text=True, check=True).stdout
    return json.loads(out)


prepare()
text = (folder / "text.txt").read_text()
size = len(text.encode())
load = min(measured(1)["load_seconds"] for _ in range(5))
print(f"hone loads the tokenizer in {load * 1000:.0f} ms")
for threads in (1, 2):
    best = max(measured(threads)["bytes_per_second"] for _ in range(3))
    print(f"hone, {threads} thread(s): {best / 1e6:.1f} MB/s on {size / 1e6:.1f} MB of text")
tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
lines = text[:4_000_000]
start = time.perf_counter()
ids = tokenizer.encode(lines, add_special_tokens=False).ids
print(f"tokenizers, encode: {len(lines.encode()) / 1e6 / (time.perf_counter() - start):.1f} MB/s")
part = lines[:200_000]
(folder / "part.jsonl").write_text(json.dumps({"text": part}) + "\n")
out = subprocess.run([hone, "encode", "--model", str(folder), "--texts", str(folder / "part.jsonl")], capture_output=True,
                     text=True, check=True).stdout
print("ids equal:", json.loads(out)["ids"] == tokenizer.encode(part, add_special_tokens=False).ids)
