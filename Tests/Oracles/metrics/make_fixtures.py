"""Writes metrics.json: BLEU and chrF by sacrebleu, ROUGE by rouge-score, schema verdicts by jsonschema.

    pip install sacrebleu==2.6.* rouge-score==0.1.2 jsonschema==4.26.* && python make_fixtures.py [--rows 10000]

The committed fixture holds 300 pairs; `--rows 10000` writes the full comparison to metrics-full.json, which is not
committed. Tolerance in the tests: 1e-9.
"""
import argparse
import importlib.metadata
import json
import random

import jsonschema
import sacrebleu
from rouge_score import rouge_scorer
from sacrebleu.metrics import BLEU, CHRF

chance = random.Random(20261121)
arguments = argparse.ArgumentParser()
arguments.add_argument("--rows", type=int, default=300)
rows = arguments.parse_args().rows

PLAIN = (
    "the cat sat on a mat while dogs were running quickly through national parks and the organisation agreed to "
    "conditional relational digitizer hopefulness electricity formalize triplicate adjustable replacement communism "
    "angularities bowdlerize controlling rolling hissing fizzed failing filing happy sky skies dying lying news flies "
    "agreed owned plastered bled motoring sing conflated troubled sized hopping tanned falling generalizations "
    "prices are 12.50 or 1,000 euros state-of-the-art U.S. e-mail 3-day don't it's (maybe) \"quoted\" why? yes! 50% a/b"
).split()
OTHER = "café naïve über straße größer Łódź 東京 です 你好 世界 привет мир สวัสดี ﬁn ½ x² élan — “so” …".split()


def text(longest):
    words = [chance.choice(PLAIN if chance.random() < 0.9 else OTHER) for _ in range(chance.randint(0, longest))]
    if words and chance.random() < 0.3:
        words[0] = words[0].capitalize()
    out = " ".join(words)
    if chance.random() < 0.3:
        out += chance.choice([".", "!", " .", "...", "?"])
    if chance.random() < 0.1:
        out = out.replace(" ", "  ", 1)
    return out


def changed(words):
    words = words.split()
    for _ in range(chance.randint(0, max(1, len(words) // 2))):
        if not words:
            break
        place = chance.randrange(len(words))
        kind = chance.random()
        if kind < 0.4:
            words[place] = chance.choice(PLAIN)
        elif kind < 0.7:
            del words[place]
        else:
            words.insert(place, chance.choice(PLAIN))
    return " ".join(words)


bleu = BLEU(effective_order=True)
chrf, chrf_words = CHRF(), CHRF(word_order=2)
rouge = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=True)
pairs = []
for _ in range(rows):
    expected = text(24)
    output = changed(expected) if chance.random() < 0.7 else text(24)
    scores = rouge.score(expected, output)
    pairs.append(
        {
            "output": output,
            "expected": expected,
            "bleu": bleu.sentence_score(output, [expected]).score,
            "chrf": chrf.sentence_score(output, [expected]).score,
            "chrf_words": chrf_words.sentence_score(output, [expected]).score,
            "rouge1": scores["rouge1"].fmeasure,
            "rouge2": scores["rouge2"].fmeasure,
            "rougeL": scores["rougeL"].fmeasure,
        }
    )

corpora = []
for start in range(0, len(pairs), 30):
    part = pairs[start : start + 30]
    outputs, references = [p["output"] for p in part], [[p["expected"] for p in part]]
    corpora.append(
        {
            "first": start,
            "count": len(part),
            "bleu": BLEU().corpus_score(outputs, references).score,
            "chrf": CHRF().corpus_score(outputs, references).score,
        }
    )

SCHEMAS = [
    {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}, "b": {"enum": ["x", 1, None]}}},
    {"type": "object", "properties": {"a": {"minimum": 2, "exclusiveMaximum": 9}}, "additionalProperties": False},
    {"type": "array", "items": {"type": ["string", "null"]}, "minItems": 1, "maxItems": 3, "uniqueItems": True},
    {"prefixItems": [{"type": "number"}, {"const": "b"}], "items": {"type": "boolean"}},
    {"anyOf": [{"type": "string", "minLength": 2, "maxLength": 4}, {"type": "number", "multipleOf": 0.5}]},
    {"oneOf": [{"type": "integer"}, {"minimum": 2}]},
    {"not": {"type": "null"}},
    {"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"maxProperties": 1}},
    {"$defs": {"p": {"type": "object", "properties": {"a": {"$ref": "#/$defs/p"}}, "additionalProperties": False}}, "$ref": "#/$defs/p"},
    {"type": "string", "pattern": "^[a-z]+-[0-9]{2}$"},
    {"patternProperties": {"^a": {"type": "string"}}, "propertyNames": {"maxLength": 2}},
    {"contains": {"type": "string"}, "minContains": 1, "maxContains": 2},
    {"dependentRequired": {"a": ["b"]}, "minProperties": 1},
    {"allOf": [{"required": ["a"]}, {"required": ["b"]}]},
    True,
    False,
]
ATOMS = [None, True, False, 0, 1, 1.0, 2, 2.5, 8.999, 9, -3, "", "a", "b", "ab", "é", "e\u0301", "abc-12", "abcde", "x"]


def value(depth=0):
    kind = chance.random()
    if depth < 2 and kind < 0.35:
        return {k: value(depth + 1) for k in chance.sample(["a", "b", "ab", "abc"], chance.randint(0, 3))}
    if depth < 2 and kind < 0.55:
        return [value(depth + 1) for _ in range(chance.randint(0, 4))]
    return chance.choice(ATOMS)


schemas = []
for schema in SCHEMAS:
    validator = jsonschema.Draft202012Validator(schema)
    values = [value() for _ in range(max(20, rows // 10))]
    schemas.append({"schema": schema, "values": [[v, validator.is_valid(v)] for v in values]})

name = "metrics.json" if rows == 300 else "metrics-full.json"
with open(name, "w", encoding="utf-8") as out:
    json.dump(
        {
            "versions": {"sacrebleu": sacrebleu.__version__, "rouge-score": "0.1.2", "jsonschema": importlib.metadata.version("jsonschema")},
            "pairs": pairs,
            "corpora": corpora,
            "schemas": schemas,
        },
        out,
        ensure_ascii=True,
        separators=(",", ":"),
    )
