#!/usr/bin/env python3
"""How fast does hone load and use a tokenizer of Llama 3's size?

    run.py HONE [FOLDER]

Trains, once, a byte-level BPE with 128,000 tokens and Llama 3's pre-tokenizer on the documentation of this Debian machine
(/usr/share/doc, /usr/share/man and what else is text under /usr/share), keeps it in FOLDER (default: a folder beside this
script that is not checked in), and prints, for English text of the same kind that was not trained on:

  * the time to load the tokenizer, the best of five
  * MB/s of hone with 1 and 2 threads, of tiktoken and of tokenizers' `encode` (1 thread each), the best of three
  * whether the ids of the three are equal

Times are processor time, of all threads together, so that what else the machine does counts little; hone's wall time stands
beside it. With n threads, n times the MB/s of one second of processor time are what a quiet machine gives.

Needs the PyPI packages tokenizers and tiktoken. Training takes four minutes.
"""
import gzip
import json
import pathlib
import subprocess
import sys
import time

import tiktoken
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


def measured(threads, name="text.txt"):
    out = subprocess.run([hone, "encode", "--model", str(folder), "--speed", str(folder / name), "--threads",
                          str(threads)], capture_output=True, text=True, check=True).stdout
    return json.loads(out)


def byte_pairs():
    """The vocabulary as tiktoken wants it: bytes, ranked by their ids."""
    kept = list(range(0x21, 0x7F)) + list(range(0xA1, 0xAD)) + list(range(0xAE, 0x100))
    alphabet = {chr(byte): byte for byte in kept}
    alphabet.update({chr(0x100 + n): byte for n, byte in enumerate(b for b in range(256) if b not in kept)})
    vocabulary = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    return {bytes(alphabet[c] for c in token): rank for token, rank in vocabulary.items()}


def best_rate(encode, pieces):
    """MB per second of processor time, and the ids of the last round."""
    rates = []
    for _ in range(3):
        start = time.process_time()
        ids = [encode(piece) for piece in pieces]
        rates.append(sum(len(piece.encode()) for piece in pieces) / 1e6 / (time.process_time() - start))
    return max(rates), [i for part in ids for i in part]


prepare()
text = (folder / "text.txt").read_text()
(folder / "short.txt").write_text("short\n")
loads = [measured(1, "short.txt") for _ in range(5)]
print(f"hone loads the tokenizer in {min(load['load_processor_seconds'] for load in loads) * 1000:.0f} ms of processor time "
      f"({min(load['load_seconds'] for load in loads) * 1000:.0f} ms by the clock)")
for threads in (1, 2):
    runs = [measured(threads) for _ in range(3)]
    best = max(run["bytes"] / run["processor_seconds"] for run in runs)
    wall = max(run["bytes_per_second"] for run in runs)
    print(f"hone, {threads} thread(s): {best / 1e6:.1f} MB per second of processor time, {wall / 1e6:.1f} MB/s by the clock, "
          f"on {len(text.encode()) / 1e6:.1f} MB")
part = text[:2_000_000]
pieces = [part[start:start + 50_000] for start in range(0, len(part), 50_000)]
fast = Tokenizer.from_file(str(folder / "tokenizer.json"))
other = tiktoken.Encoding("trained", pat_str=PATTERN, mergeable_ranks=byte_pairs(), special_tokens={})
theirs, ids = best_rate(lambda piece: fast.encode(piece, add_special_tokens=False).ids, pieces)
print(f"tokenizers, encode: {theirs:.1f} MB/s")
rate, tiktoken_ids = best_rate(other.encode_ordinary, pieces)
print(f"tiktoken: {rate:.1f} MB/s")
(folder / "part.jsonl").write_text("".join(json.dumps({"text": piece}) + "\n" for piece in pieces))
out = subprocess.run([hone, "encode", "--model", str(folder), "--texts", str(folder / "part.jsonl")], capture_output=True,
                     text=True, check=True).stdout
ours = [i for line in out.splitlines() for i in json.loads(line)["ids"]]
print("ids equal:", ours == ids, "(tokenizers)", ours == tiktoken_ids, "(tiktoken)")
