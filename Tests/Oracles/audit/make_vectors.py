"""Writes what other tools say about rows, personal data, copies and splits; AuditOracleTests compares hone with it.

    pip install orjson presidio-analyzer pandas scikit-learn   # versions.json names those it was run with
    python make_vectors.py
"""
import base64, json, random
from importlib.metadata import version

import orjson
import pandas
from presidio_analyzer.predefined_recognizers import CreditCardRecognizer, IbanRecognizer, UsSsnRecognizer
from sklearn.model_selection import train_test_split


def write(name, rows):
    with open(name, "w") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


# Rows at the edge of JSON: does Python's parser take them, does a strict one?
def row(rest: bytes, answer: bytes = b'"b"'):
    return b'{"prompt":"a","completion":' + answer + rest


CASES = {
    "byte order mark": b"\xef\xbb\xbf" + row(b"}"), "carriage return": row(b"}\r"), "plain": row(b"}"),
    "NaN": row(b',"x":NaN}'), "infinity": row(b',"x":-Infinity}'), "1e400": row(b',"x":1e400}'),
    "1e300": row(b',"x":1e300}'), "lone surrogate": row(b"}", b'"\\ud800"'), "surrogate pair": row(b"}", b'"\\ud83d\\ude00"'),
    "key twice": row(b',"completion":"c"}'), "comma at the end": row(b",}"), "single quotes": b"{'prompt':'a','completion':'b'}",
    "leading zero": row(b',"x":01}'), "raw tab": row(b"}", b'"b\tc"'), "escaped tab": row(b"}", b'"b\\tc"'),
    "NUL": row(b"}", b'"b\x00c"'), "escaped NUL": row(b"}", b'"b\\u0000c"'),
    "30 digits": row(b',"x":123456789012345678901234567890}'), "500 deep": row(b',"x":' + b"[" * 500 + b"]" * 500 + b"}"),
    "broken UTF-8": row(b"}", b'"b\xff"'), "overlong UTF-8": row(b"}", b'"b\xc0\xaf"'),
    "line separator": row(b"}", "\"b\u2028c\"".encode()), "plus sign": row(b',"x":+1}'), "bare fraction": row(b',"x":.5}'),
    "comment": row(b"} // c"), "two objects": row(b"}") + row(b"}"), "not closed": row(b""), "None": row(b',"x":None}'),
}


def takes(parse, text):
    try:
        parse(text)
        return True
    except Exception:
        return False


write("json_rows.jsonl", [
    {"name": name, "row": base64.b64encode(text).decode(), "json": takes(json.loads, text), "orjson": takes(orjson.loads, text)}
    for name, text in CASES.items()])

# Personal data with a checksum or a fixed form, valid and not.
random.seed(1)
TEXTS = [
    "My card is 4111 1111 1111 1111.", "My card is 4111 1111 1111 1112.", "Card 4012-8888-8888-1881 please", "Card 5105105105105100",
    "amex 378282246310005 ok", "amex 378282246310006 no", "IBAN DE89 3704 0044 0532 0130 00 it is", "IBAN DE88370400440532013000 it is not",
    "GB29NWBK60161331926819", "GB30NWBK60161331926819", "FR1420041010050500013M02606", "SSN 078-05-1120 was printed", "ssn 000-12-3456 cannot be",
    "ssn 666-12-3456 cannot be", "ssn 536-90-4399", "ssn 536-00-4399", "ssn 536-90-0000", "order 1234567890 shipped", "version 1.0.0.1",
]
for _ in range(60):
    digits = [4] + [random.randrange(10) for _ in range(14)]
    total = sum(d if i % 2 else sum(divmod(2 * d, 10)) for i, d in enumerate(digits))
    check = -total % 10
    shown = check if random.random() < 0.5 else (check + random.randrange(1, 10)) % 10
    TEXTS.append("the number " + "".join(map(str, digits + [shown])) + " here")
KINDS = {"CREDIT_CARD": CreditCardRecognizer(), "IBAN_CODE": IbanRecognizer(), "US_SSN": UsSsnRecognizer()}
NAMES = {"CREDIT_CARD": "card", "IBAN_CODE": "iban", "US_SSN": "ssn"}
write("personal_data.jsonl", [
    {"text": text, "spans": sorted(
        [NAMES[kind], hit.start, hit.end] for kind, recogniser in KINDS.items() for hit in recogniser.analyze(text, [kind], None) or []
        if hit.score > 0.3)}
    for text in TEXTS])

# Rows that are copies, with keys in another order.
words = ["milk", "bread", "rain", "north", "paper"]
rows = [{"prompt": f"{random.choice(words)} {random.choice(words)} {random.randrange(3)}", "completion": random.choice(words)} for _ in range(300)]
frame = pandas.DataFrame(rows)
write("copies.jsonl", [dict(random.sample(list(r.items()), 2)) for r in rows])
json.dump({"duplicated": int(frame.duplicated().sum())}, open("copies.json", "w"))

# Labels of very different frequency, a tenth held out twice, as scikit-learn's stratified split shares them.
labels = [label for label, count in {"a": 500, "b": 230, "c": 97, "d": 41, "e": 20, "f": 10}.items() for _ in range(count)]
rest, test = train_test_split(labels, test_size=0.1, stratify=labels, random_state=0)
train, validation = train_test_split(rest, test_size=len(test), stratify=rest, random_state=0)
count = lambda part: {label: part.count(label) for label in "abcdef"}
json.dump({"train": count(train), "validation": count(validation), "test": count(test)}, open("split.json", "w"))
json.dump({tool: version(tool) for tool in ["orjson", "presidio-analyzer", "pandas", "scikit-learn"]}, open("versions.json", "w"))
