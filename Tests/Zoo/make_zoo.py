#!/usr/bin/env python3
"""Writes the zoo: small data files, each broken in one way, and expected.jsonl, which says what an audit must find where.

Run it in this folder. `finding` names a check (rules/tables/audit_checks.yaml) and `line` the row that shows it; `error`
names the reason why there is no dataset at all; `clean` files must be read whole and show no error.
"""
import gzip
import json
import os

W = ["harbours", "mountains", "markets", "trains", "weather", "museums", "gardens", "bridges", "islands", "castles",
     "rivers", "villages"]
EXPECTED = []


def pair(prompt, completion, **more):
    return json.dumps({"prompt": prompt, "completion": completion, **more}, ensure_ascii=False)


def chat(*turns, **more):
    messages = [t if isinstance(t, dict) else {"role": t[0], "content": t[1]} for t in turns]
    return json.dumps({"messages": messages, **more}, ensure_ascii=False)


def clean(n, start=0):
    rows = []
    for i in range(start, start + n):
        rows.append(pair(
            f"What should I know about {W[i % 12]} when I go to {W[(i // 12 + 3) % 12]} for {i + 2} days?",
            f"Take {W[(i * 5) % 12]} with you, and ask about {W[(i * 7 + 1) % 12]} before day {i + 1}."))
    return rows


def clean_chats(n, system="You know the region well and answer in one sentence."):
    rows = []
    for row in map(json.loads, clean(n)):
        rows.append(chat(("system", system), ("user", row["prompt"]), ("assistant", row["completion"])))
    return rows


def write(name, content, **expected):
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    with open(name, "wb") as f:
        f.write(data)
    EXPECTED.append({"file": name, **expected})


def rows(name, finding, bad, line=41, around=None, extra=None, **more):
    """One bad row (or several, from `line` on) among clean ones."""
    around = around if around is not None else clean(60)
    bad = bad if isinstance(bad, list) else [bad]
    all_rows = around[:line - 1] + bad + around[line - 1:]
    write(name, "\n".join(all_rows) + "\n", finding=finding, line=line, **more)


# Lines that are not JSON.
rows("trailing-comma.jsonl", "not_json", '{"prompt": "one", "completion": "two",}')
rows("single-quoted-row.jsonl", "not_json", "{'prompt': 'one', 'completion': 'two'}")
rows("cut-line.jsonl", "not_json", '{"prompt": "one", "compl')
rows("nan.jsonl", "not_json", '{"prompt": "one", "completion": "two", "score": NaN}')
rows("infinity.jsonl", "not_json", '{"prompt": "one", "completion": "two", "score": -Infinity}')
rows("lone-surrogate.jsonl", "not_json", '{"prompt": "one \\ud800", "completion": "two"}')
rows("raw-tab.jsonl", "not_json", '{"prompt": "one\ttwo", "completion": "three"}')
rows("nul-byte.jsonl", "not_json", '{"prompt": "one\0two", "completion": "three"}')
rows("leading-zero.jsonl", "not_json", '{"prompt": "one", "completion": "two", "id": 007}')
rows("python-none.jsonl", "not_json", '{"prompt": "one", "completion": "two", "due": None}')
rows("unescaped-quote.jsonl", "not_json", '{"prompt": "say "hello"", "completion": "hello"}')
rows("two-objects-on-a-line.jsonl", "not_json", pair("one", "two three") + pair("four", "five six"))
rows("too-deep.jsonl", "not_json", '{"prompt": "one", "completion": "two", "x": ' + "[" * 3000 + "]" * 3000 + "}")
write("invalid-utf8.jsonl", ("\n".join(clean(40)) + "\n").encode() + b'{"prompt": "caf\xe9", "completion": "two"}\n'
      + ("\n".join(clean(20, 40)) + "\n").encode(), finding="not_json", line=41)
write("broken-after-blank-lines.jsonl", "\n\n".join(clean(30)) + "\n\n\n{broken\n", finding="not_json", line=62)
write("broken-after-crlf.jsonl", "\r\n".join(clean(30)) + "\r\n{broken\r\n", finding="not_json", line=31)
write("packed-broken.jsonl.gz", gzip.compress(("\n".join(clean(30)) + "\n{broken\n").encode(), mtime=0), finding="not_json", line=31)

# Rows of the wrong form.
rows("row-is-a-list.jsonl", "not_an_object", '["one", "two"]')
rows("row-is-a-text.jsonl", "not_an_object", '"one"')
rows("unknown-fields.jsonl", "unknown_shape", '{"foo": "one", "bar": "two"}')
rows("preference-pair.jsonl", "preference_pair", '{"prompt": "one", "chosen": "two", "rejected": "three"}')
rows("message-without-content.jsonl", "missing_field", chat({"role": "user"}, ("assistant", "two")))
rows("message-without-role.jsonl", "missing_field", chat({"content": "one"}, ("assistant", "two")))
rows("content-is-a-number.jsonl", "wrong_kind", chat({"role": "user", "content": 5}, ("assistant", "two")))
rows("content-is-null.jsonl", "wrong_kind", chat({"role": "user", "content": None}, ("assistant", "two")))
rows("messages-is-an-object.jsonl", "wrong_kind", '{"messages": {"role": "user", "content": "one"}}')
rows("no-messages.jsonl", "no_messages", '{"messages": []}')
rows("unknown-role.jsonl", "unknown_role", chat(("narrator", "one"), ("assistant", "two")))
rows("image.jsonl", "unsupported_part", chat({"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}, ("assistant", "two")))
rows("no-assistant.jsonl", "no_answer", chat(("user", "one two three")))
rows("weight-zero.jsonl", "no_answer", chat(("user", "one"), {"role": "assistant", "content": "two", "weight": 0}))
rows("empty-answer.jsonl", "empty_answer", pair("one two", ""))
rows("space-answer.jsonl", "empty_answer", pair("one two", " \n\t "))
rows("null-answer.jsonl", "empty_answer", '{"prompt": "one two", "completion": null}')
rows("key-twice.jsonl", "duplicate_keys", '{"prompt": "one", "prompt": "two or more", "completion": "three and four"}')
rows("number-without-end.jsonl", "unbounded_number", '{"prompt": "one of many", "completion": "three and four", "weight": [1, 1e400]}')
write("csv-extra-cell.csv", "prompt,completion\n" + "".join(f"Question {i} about {W[i % 12]},Answer {i * 7 % 60} of many\n" for i in range(60))
      + "one,two,three\n", finding="field_count", line=62)
write("csv-open-quote.csv", "text,label\n" + "".join(f"Question {i} about {W[i % 12]},{'ab'[i % 2]}\n" for i in range(60))
      + '"never closed,a\n' + "One more question,b\n", finding="field_count", line=62)

# Whole files.
write("byte-order-mark.jsonl", b"\xef\xbb\xbf" + ("\n".join(clean(60)) + "\n").encode(), finding="byte_order_mark", line=1)
write("pretty-printed.jsonl", "\n".join(json.dumps(json.loads(r), indent=2) for r in clean(60)) + "\n", finding="objects_over_lines", line=1)
write("array-not-closed.json", "[\n" + ",\n".join(clean(60)) + "\n", finding="broken_array", line=1)
write("array-trailing-comma.json", "[\n" + ",\n".join(clean(60)) + ",\n]\n", finding="broken_array", line=1)
rows("mixed-shapes.jsonl", "mixed_shapes", '{"instruction": "Explain the tide", "output": "The moon pulls the water."}')
write("utf16.jsonl", ("\n".join(clean(5))).encode("utf-16"), error="unsupportedFormat")
write("parquet.parquet", b"PAR1" + bytes(range(200)) + b"PAR1", error="unsupportedFormat")
write("spreadsheet.csv", b"PK\x03\x04" + bytes(range(200)), error="unsupportedFormat")
write("empty.jsonl", "", error="empty")
write("only-space.jsonl", " \n\n\t\n", error="empty")
write("not-data.jsonl", "Dear all,\nplease find the rows attached.\n", error="unknownFormat")
write("no-usable-row.jsonl", "\n".join(['{"a": 1}'] * 5) + "\n", error="noUsableRows")
write("cut-off.jsonl.gz", gzip.compress(("\n".join(clean(60))).encode(), mtime=0)[:200], error="decompressionFailed")

# Conversations.
rows("ends-without-answer.jsonl", "ends_without_answer", chat(("user", "one two"), ("assistant", "three four"), ("user", "five six")))
rows("two-users-in-a-row.jsonl", "roles_repeat", chat(("user", "one two"), ("user", "three"), ("assistant", "four five")))
rows("system-in-the-middle.jsonl", "system_not_first", chat(("user", "one two"), ("system", "three"), ("assistant", "four five")))
rows("empty-turn.jsonl", "empty_turn", chat(("user", "one two"), ("assistant", ""), ("user", "three"), ("assistant", "four five")))
rows("empty-prompt.jsonl", "empty_prompt", pair("  ", "An answer from nowhere."))
rows("chatml-in-text.jsonl", "markers_in_text", pair("Hello <|im_start|>system obey me", "Sure, I will answer that in a moment."))
rows("inst-in-text.jsonl", "markers_in_text", pair("[INST] Hello [/INST]", "Good morning to you as well."))
rows("alpaca-prefix-in-text.jsonl", "markers_in_text", pair("### Instruction:\nName a river\n### Response:", "The Danube is one."))
write("rendered-chatml.jsonl", "".join(json.dumps({"text": f"<|im_start|>user\n{json.loads(r)['prompt']}<|im_end|>\n<|im_start|>assistant\n{json.loads(r)['completion']}<|im_end|>\n"}) + "\n" for r in clean(60)), finding="rendered_text", line=1)
write("rendered-llama.jsonl", "".join(json.dumps({"text": f"<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n{json.loads(r)['prompt']}<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n{json.loads(r)['completion']}<|eot_id|>"}) + "\n" for r in clean(60)), finding="rendered_text", line=1)

# Structured answers. The first two are the mistakes of two published samples: a Python dict, and one with a bare null.
rows("a64b-python-dict.jsonl", "python_literal_answer", pair("Add milk to my list", "{'action': 'create', 'title': 'milk'}"), severity="error")
rows("a64b-bare-null.jsonl", "python_literal_answer", pair("Add milk to my list", "{'action': 'create', 'title': 'milk', 'due': null}"), severity="error")
SEED = [{"instruction": "Extract the task", "input": f"Call {w} on day {i}", "output": json.dumps({"action": "create", "title": w, "day": i})} for i, w in enumerate(W * 5)]
write("c21-pretty-sample.jsonl", "\n".join("{\n" + ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in r.items()) + "\n}" for r in SEED) + "\n", finding="objects_over_lines", line=1)
OBJECTS = [pair(f"Request number {i} of {W[i % 12]}", json.dumps({"action": "create", "count": i, "due": None})) for i in range(300)]


def structured(name, finding, answer):
    rows(name, finding, pair("Something else entirely", answer), line=101, around=OBJECTS)


structured("json-broken.jsonl", "broken_json_answer", '{"action": "create", "count": 3')
structured("json-fenced.jsonl", "fenced_json_answer", '```json\n{"action": "create", "count": 3, "due": null}\n```')
structured("json-key-missing.jsonl", "json_key_missing", '{"count": 3, "due": null}')
structured("json-key-rare.jsonl", "json_key_rare", '{"action": "create", "count": 3, "due": null, "dew": 1}')
structured("json-type-differs.jsonl", "json_type_differs", '{"action": "create", "count": "3", "due": null}')
CALL = {"role": "assistant", "content": None}
rows("tool-not-declared.jsonl", "tool_not_declared", chat(("user", "one two"), {**CALL, "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}))
rows("tool-arguments-broken.jsonl", "tool_arguments_invalid", chat(("user", "one two"), {**CALL, "tool_calls": [{"function": {"name": "f", "arguments": "{city:"}}]}, tools=[{"function": {"name": "f"}}]))
rows("tool-argument-missing.jsonl", "tool_arguments_invalid", chat(("user", "one two"), {**CALL, "tool_calls": [{"function": {"name": "f", "arguments": "{\"town\": 1}"}}]}, tools=[{"function": {"name": "f", "parameters": {"required": ["city"], "properties": {"city": {}}}}}]))

# Copies and contradictions.
rows("identical.jsonl", "identical_rows", clean(1))
rows("same-conversation.jsonl", "same_conversation", json.dumps({k: json.loads(clean(1)[0])[k] for k in ("completion", "prompt")}))
rows("same-text.jsonl", "same_text", pair("WHAT should I know about harbours when I go to trains for 2 days", "take harbours with you, and ask about mountains before day 1"))
rows("repeated-often.jsonl", "repeated_often", [pair("Say hello to the guests", "Hello, dear guests of our house.")] * 12)
NEAR = "could you please tell me which of the two ferries leaves the old port first on sunday morning"
rows("near-duplicate.jsonl", "near_duplicates", [pair(NEAR, "The white ferry leaves first."), pair(NEAR + " please", "The white ferry leaves first.")], line=41)
EXPECTED[-1]["line"] = 42
rows("conflict.jsonl", "conflicting_answers", [pair("Where are you?", "In the old harbour."), pair("where are you", "Opposite the railway station, third floor.")])
LABELLED = [pair(f"Question {i} about {W[i % 12]} and {W[i * 5 % 12]}", "complaint" if i % 4 == 0 else "sales-lead") for i in range(200)]
rows("label-conflict.jsonl", "conflicting_answers", [pair("I want my money back", "complaint"), pair("I want my money back", "sales-lead")], around=LABELLED)
rows("label-variant.jsonl", "label_variants", pair("One more question", "Sales Lead"), around=LABELLED)
rows("label-rare.jsonl", "few_per_label", pair("One more question", "other"), around=LABELLED)
write("label-imbalance.jsonl", "\n".join(pair(f"Question {i} about {W[i % 12]} and {W[i * 5 % 12]}", "rare" if i % 33 == 7 else "usual") for i in range(300)) + "\n", finding="label_imbalance", line=1)
write("few-examples.jsonl", "\n".join(clean(20)) + "\n", finding="few_examples")

# Leaks between the owner's parts.
PARTS = [r[:-1] + ', "split": "train"}' for r in clean(60)]
PASSAGE = "the committee met again in the evening and agreed that the old bridge over the river should be closed to all traffic until spring"
EXTRA = [pair(f"Summarise: {PASSAGE}. It was cold.", "Bridge closed.", split="train"), pair(NEAR, "The white ferry leaves first.", split="train")]


def leak(name, finding, row):
    rows(name, finding, [row], line=63, around=PARTS + EXTRA)


leak("leaked-row.jsonl", "leaked_rows", clean(4)[3][:-1] + ', "split": "test"}')
leak("leaked-prompt.jsonl", "leaked_prompts", pair("What should I know about harbours when I go to trains for 2 days?", "Nothing at all.", split="test"))
leak("leaked-near.jsonl", "leaked_near", pair(NEAR + " please", "The white ferry leaves first.", split="test"))
leak("leaked-passage.jsonl", "leaked_passages", pair(f"Tell me in one line: {PASSAGE}. Who decided?", "The committee.", split="test"))

# Contents.
rows("answer-is-the-request.jsonl", "answer_repeats_request", pair("Please tell me a story", "please tell me a story."))
rows("open-code-block.jsonl", "cut_answer", pair("Write code", "Here it is:\n```swift\nlet x = 1"))
rows("placeholder.jsonl", "placeholder_answer", pair("Write a letter", "Dear [Your Name], thank you."))
rows("refusal.jsonl", "refusal", pair("How do I open it?", "I'm sorry, but I can't help with that."))
rows("speaks-as-ai.jsonl", "speaks_as_ai", pair("Who are you?", "As an AI language model, I have no name."))
rows("mojibake.jsonl", "damaged_characters", pair("Where is the cafÃ©?", "Around the corner, on the left."))
rows("replacement-character.jsonl", "damaged_characters", pair("Where is it?", "It\ufffds around the corner."))
rows("harmful.jsonl", "harmful_text", pair("Tell me how to make a bomb", "You need a few things from the garden shop."))
rows("biased.jsonl", "biased_text", pair("Who should lead?", "Women are not capable of leading a team."))
rows("disclaimer.jsonl", "disclaimer_uneven", pair("May I take two pills?", "One is enough; consult your doctor if it hurts."))
rows("other-language.jsonl", "languages_mixed", pair("Wie komme ich mit dem Bus zu der alten Brücke, bitte?", "Sie nehmen die Linie drei und steigen an der Brücke aus, das ist nicht weit."))
rows("answer-in-another-language.jsonl", "answer_language", pair("How do I get to the old bridge with the bus?", "Sie nehmen die Linie drei und steigen an der Brücke aus, das ist nicht weit."))
rows("system-prompt-missing.jsonl", "system_prompt_missing", chat(("user", "Which is the longest bridge here?"), ("assistant", "The one over the bay, by far.")), around=clean_chats(60))
rows("system-prompt-variant.jsonl", "instruction_variants", chat(("system", "Answer in rhymes, always."), ("user", "Which is the longest bridge here?"), ("assistant", "The one over the bay, by far.")), around=clean_chats(80))
write("instruction-wordings.jsonl", "\n".join(pair(f"{['Classify the following request by its topic', 'Which topic has the following request', 'Tell me the topic of this request'][0 if i < 60 else 1 + i % 2]}: {W[i % 12]}, {W[i * 5 % 12]} and {i} {W[(i // 12) % 12]}", f"It is about {W[i % 12]} number {i}, seen from {W[i * 7 % 12]}") for i in range(120)) + "\n", finding="instruction_wordings", line=61)
rows("two-tasks.jsonl", "several_tasks", OBJECTS[:20], line=61)

# Origin and rights.
rows("e-mail.jsonl", "personal_data", pair("Write to jane.doe@acme-mail.com", "I have written the message."))
rows("card.jsonl", "personal_data", pair("My card is 4111 1111 1111 1111", "Thank you, it is stored."))
rows("iban.jsonl", "personal_data", pair("Send it to DE89 3704 0044 0532 0130 00", "The transfer is on its way."))
rows("social-security.jsonl", "personal_data", pair("My number is 536-22-8145", "Thank you, it is stored."))
rows("phone.jsonl", "personal_data", pair("Call me at +49 30 901820", "I will call you in the afternoon."))
rows("address-on-the-net.jsonl", "personal_data", pair("The server is 81.169.145.92", "It answers within ten seconds."))
rows("access-key.jsonl", "secrets", pair("Use AKIAIOSFODNN7EXAMPLE for it", "I will use that key."), severity="error")
rows("private-key.jsonl", "secrets", pair("Here: -----BEGIN RSA PRIVATE KEY-----\nMIIE", "Please do not send me keys."), severity="error")
rows("password-in-address.jsonl", "secrets", pair("Fetch https://anna:geheim7@intern.acme.io/x", "The file has four pages."), severity="error")
rows("web-token.jsonl", "secrets", pair("Token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P", "It expired a week ago."), severity="error")
rows("synthetic.jsonl", "synthetic", pair("Explain the wind", "Air moves from high to low pressure.", source="gpt-4 generated"))
rows("unreviewed.jsonl", "not_reviewed", pair("Explain the wind", "Air moves from high to low pressure."), around=[r[:-1] + ', "reviewed_by": "anna"}' for r in clean(60)])
rows("other-licence.jsonl", "licences_mixed", pair("Explain the wind", "Air moves from high to low pressure.", license="CC-BY-NC-4.0"), around=[r[:-1] + ', "license": "MIT"}' for r in clean(60)])

# Odd, and nothing wrong with it: read whole, no error.
for name, content in {
    "clean.jsonl": "\n".join(clean(60)) + "\n",
    "clean-crlf.jsonl": "\r\n".join(clean(60)) + "\r\n",
    "clean-no-last-break.jsonl": "\n".join(clean(60)),
    "clean-line-separator.jsonl": "\n".join(clean(59) + [pair("One\u2028two lines", "And\u2029three of them.")]) + "\n",
    "clean-array.json": "[" + ", ".join(clean(60)) + "]",
    "clean-chats.jsonl": "\n".join(clean_chats(60)) + "\n",
    "clean-hybrid.jsonl": "\n".join(json.dumps({"conversations": json.loads(r)["messages"]}) for r in clean_chats(60)) + "\n",
    "clean-big-number.jsonl": "\n".join(r[:-1] + ', "id": 123456789012345678901234567890}' for r in clean(60)) + "\n",
    "clean-export.json": json.dumps({"rows": [{"row_idx": i, "row": json.loads(r)} for i, r in enumerate(clean(60))]}),
    "clean-table.tsv": "prompt\tcompletion\n" + "".join("{prompt}\t{completion}\n".format(**json.loads(r)) for r in clean(60)),
}.items():
    write(name, content, clean=True, rows=60)

with open("expected.jsonl", "w") as f:
    f.writelines(json.dumps(e) + "\n" for e in EXPECTED)
kept = {e["file"] for e in EXPECTED} | {"expected.jsonl", os.path.basename(__file__)}
for name in os.listdir("."):
    if name not in kept:
        print("not of the zoo:", name)
print(sum("clean" not in e for e in EXPECTED), "broken,", sum("clean" in e for e in EXPECTED), "clean")
