#!/usr/bin/env python3
"""The dataset audit beside the tools that do one of its checks: datasketch, rensa, text-dedup and Presidio.

    python3 -m venv venv && venv/bin/pip install datasketch rensa text-dedup presidio-analyzer
    venv/bin/python run.py --hone ../../.build/release/hone

All times are CPU seconds of one thread, so that a busy machine changes little; `--million` adds the test of a million chat
rows (about 800 MB of disk, some minutes). Tools that are not installed are listed as not measured.
"""
import argparse
import itertools
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time

CONSONANTS, VOWELS = "bcdfghjklmnprstvwz", "aeiou"


class Words:
    """Made-up words, used as often as words of a language are."""

    def __init__(self, seed, size=20000):
        self.random = random.Random(seed)
        pick = self.random.choice
        self.vocabulary = ["".join(pick(CONSONANTS) + pick(VOWELS) for _ in range(self.random.randint(2, 5))) for _ in range(size)]
        self.weights = list(itertools.accumulate(1 / (i + 10) for i in range(size)))

    def text(self, least, most):
        return " ".join(self.random.choices(self.vocabulary, cum_weights=self.weights, k=self.random.randint(least, most)))

    def varied(self, text, share):
        words = text.split(" ")
        for place in self.random.sample(range(len(words)), max(1, int(share * len(words)))):
            words[place] = self.random.choice(self.vocabulary)
        return " ".join(words)


def planted(path, rows=11000, copies=1000):
    """Rows of 40 to 250 words, 1,000 of which repeat an earlier one with 2 % of the words replaced."""
    words = Words(1)
    texts = [words.text(40, 250) for _ in range(rows - copies)]
    texts += [words.varied(words.random.choice(texts), 0.02) for _ in range(copies)]
    with open(path, "w") as f:
        for text in texts:
            f.write(json.dumps({"prompt": text, "completion": "yes"}) + "\n")
    return texts


def templated(path, rows):
    """Paraphrases of a few templates: nearly every pair shares most of its frequent words."""
    words = Words(2, 50000)
    openings = ["Please classify the following customer request by its topic and answer with one label only",
                "Read the customer's message below and name the topic it belongs to, with one label only"]
    with open(path, "w") as f:
        for i in range(rows):
            f.write(json.dumps({"prompt": f"{openings[i % 2]}: {words.text(6, 14)}", "completion": words.text(3, 6)}) + "\n")


def chats(path, rows):
    words = Words(3)
    with open(path, "w") as f:
        for i in range(rows):
            f.write(json.dumps({"messages": [
                {"role": "system", "content": "You are a helpful assistant."}, {"role": "user", "content": words.text(8, 60)},
                {"role": "assistant", "content": words.text(20, 120)}]}) + "\n")


def personal(path, rows=20000):
    """Texts, a tenth of them with a card, an account, an address or a number; checksums hold in half of those."""
    words = Words(4)
    right = ["4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00", "536-22-8145", "jane.doe@acme-mail.com"]
    wrong = ["4111 1111 1111 1112", "DE89 3704 0044 0532 0130 01", "000-12-3456", "jane.doe@acme"]
    texts = []
    for i in range(rows):
        text = words.text(30, 90)
        if i % 10 == 0:
            text += " " + (right if i % 20 == 0 else wrong)[i // 20 % 4]
        texts.append(text)
    with open(path, "w") as f:
        for text in texts:
            f.write(json.dumps({"prompt": text, "completion": "yes"}) + "\n")
    return texts


def hone(binary, path, *arguments, threads=1):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.time()
    result = subprocess.run([binary, "audit", path, "--json", "--timings", "--threads", str(threads), *arguments],
                            capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if result.returncode not in (0, 3):
        sys.exit(result.stderr)
    audit = json.loads(result.stdout)
    audit["cpu"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    audit["wall"] = time.time() - began
    audit["bytes"] = os.path.getsize(path)
    return audit


def peak(binary, path, *arguments):
    """Largest resident memory of one audit, in bytes."""
    script = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL); " \
             "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    line = subprocess.run([sys.executable, "-c", script, binary, "audit", path, "--json", *arguments], capture_output=True, text=True)
    return 1024 * int(line.stdout)


def found(audit, check):
    return next((f["count"] for f in audit["findings"] if f["id"] == check), 0)


def cpu(work):
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def shingles(text, size=3):
    words = text.lower().split()
    return {" ".join(words[i:i + size]) for i in range(max(1, len(words) - size + 1))}


def datasketch_pairs(texts):
    from datasketch import MinHash, MinHashLSH
    index, hits = MinHashLSH(threshold=0.8, num_perm=128), 0
    for number, text in enumerate(texts):
        signature = MinHash(num_perm=128)
        signature.update_batch([s.encode() for s in shingles(text)])
        hits += bool(index.query(signature))
        index.insert(number, signature)
    return hits


def rensa_pairs(texts):
    import rensa
    index, hits = rensa.RMinHashLSH(threshold=0.8, num_perm=128, num_bands=16), 0
    for number, text in enumerate(texts):
        signature = rensa.RMinHash(num_perm=128, seed=42)
        signature.update(list(shingles(text)))
        hits += bool(index.query(signature))
        index.insert(number, signature)
    return hits


def text_dedup_pairs(texts):
    import numpy
    from collections import defaultdict
    import re
    import text_dedup.minhash as minhash
    generator = numpy.random.RandomState(42)
    permutations = (generator.randint(1, 2**61 - 1, size=(250,), dtype=numpy.uint64), generator.randint(0, 2**61 - 1, size=(250,), dtype=numpy.uint64))
    ranges = [(i * 10, (i + 1) * 10) for i in range(25)]
    tables, hits = [defaultdict(set) for _ in ranges], 0
    from text_dedup.utils.hashfunc import xxh3_32hash
    for number, text in enumerate(texts):
        keys = minhash.embed_func(
            content=text, idx=number, num_perm=250, ngram_size=5, min_length=5, hashranges=ranges, permutations=permutations,
            hash_func=xxh3_32hash, dtype=numpy.uint64, max_hash=numpy.uint64(2**32 - 1),
            modulo_prime=numpy.uint64(2**61 - 1))["__signatures__"]
        hit = False
        for key, table in zip(keys, tables):
            hit = hit or bool(table[key])
            table[key].add(number)
        hits += hit
    return hits


def presidio_hits(texts):
    import spacy
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class Blank(SpacyNlpEngine):
        def __init__(self):
            super().__init__()
            self.nlp = {"en": spacy.blank("en")}

        def load(self):
            pass

    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["en"])
    kinds = ["CREDIT_CARD", "IBAN_CODE", "US_SSN", "EMAIL_ADDRESS"]
    return sum(bool(analyzer.analyze(text=text, language="en", entities=kinds, score_threshold=0.5)) for text in texts)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hone", default="../../.build/release/hone")
    parser.add_argument("--model", default="practice-3m")
    parser.add_argument("--million", action="store_true")
    options = parser.parse_args()
    lines = []

    def say(what, tool, value, note=""):
        lines.append((what, tool, value, note))
        print(f"| {what} | {tool} | {value} | {note} |", flush=True)

    def peer(what, tool, work, texts):
        try:
            seconds, hits = cpu(lambda: work(texts))
            size = sum(len(t.encode()) for t in texts)
            say(what, tool, f"{len(texts) / seconds:,.0f} rows/s, {size / seconds / 1e6:.1f} MB/s", f"{hits} rows found")
            return len(texts) / seconds
        except Exception as error:
            say(what, tool, "not measured", str(error).split("\n")[0][:80].replace("|", "/"))
            return None

    print("| what | tool | speed of one thread | |\n|---|---|--:|---|")
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/rows.jsonl"
        texts = planted(path)
        audit = hone(options.hone, path)
        seconds = audit["seconds"]["near_duplicates"]
        size = sum(len(t) for t in texts)
        say("near duplicates, 1,000 planted", "hone", f"{len(texts) / seconds:,.0f} rows/s, {size / seconds / 1e6:.1f} MB/s",
            f"{found(audit, 'near_duplicates')} rows found, every pair verified")
        for tool, work in [("datasketch", datasketch_pairs), ("rensa", rensa_pairs), ("text-dedup", text_dedup_pairs)]:
            peer("near duplicates, 1,000 planted", tool, work, texts)

        texts = personal(path)
        audit = hone(options.hone, path)
        seconds = audit["seconds"]["privacy"]
        size = sum(len(t) for t in texts)
        say("personal data, 1,000 planted", "hone", f"{len(texts) / seconds:,.0f} rows/s, {size / seconds / 1e6:.1f} MB/s",
            f"{found(audit, 'personal_data')} rows found")
        peer("personal data, 1,000 planted", "Presidio, patterns only, first 2,000 rows", presidio_hits, texts[:2000])

        times = []
        for rows in (10000, 100000):
            templated(path, rows)
            audit = hone(options.hone, path)
            times.append(audit["seconds"]["near_duplicates"])
            say(f"near duplicates, {rows:,} templated rows", "hone", f"{rows / times[-1]:,.0f} rows/s", f"{times[-1]:.2f} s")
        say("ten times as many templated rows", "hone", f"{times[1] / times[0]:.1f} times as long", "")

        chats(path, 100000)
        audit = hone(options.hone, path)
        size, stages = audit["bytes"], audit["seconds"]
        rest = sum(stages.values()) - stages["near_duplicates"] - stages.get("tokens", 0)
        say("all but near duplicates and tokens, 100,000 chats", "hone", f"{size / rest / 1e6:.1f} MB/s", f"{rest:.2f} s")
        audit = hone(options.hone, path, "--model", options.model, "--max-length", "512")
        say("everything, with token lengths, 100,000 chats", "hone", f"{size / audit['cpu'] / 1e6:.1f} MB/s", f"{audit['cpu']:.2f} s")
        memory = peak(options.hone, path)
        say("memory, 100,000 chats", "hone", f"{memory / size:.2f} times the file", f"{memory / 1e6:.0f} MB for {size / 1e6:.0f} MB")

        if options.million:
            chats(path, 1000000)
            audit = hone(options.hone, path, threads=2)
            memory = peak(options.hone, path)
            say("a million chats, two threads", "hone", f"{audit['wall']:.0f} s, {audit['cpu']:.0f} CPU s",
                f"{memory / audit['bytes']:.2f} times the file in memory ({audit['bytes'] / 1e6:.0f} MB)")


if __name__ == "__main__":
    main()
