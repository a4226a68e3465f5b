#!/usr/bin/env python3
"""Does an adapter that hone wrote do in PEFT what it does in hone?

    compare.py HONE BASE ADAPTER DATA [ROWS]

Loads BASE with transformers and ADAPTER with peft, in float32, unchanged, and compares on the first ROWS (20) rows of DATA:
  * the answers, greedy, token for token
  * the sum of the negative log-likelihoods over the completion tokens, within 1e-4 of its value
ADAPTER may be `-` for the base alone. Needs torch, transformers, peft. Not part of `make test`.
"""
import json
import subprocess
import sys
import tempfile

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

hone, base, adapter, data = sys.argv[1:5]
limit = int(sys.argv[5]) if len(sys.argv) > 5 else 20
new_tokens = 64


def run(*arguments):
    result = subprocess.run([hone, *arguments], capture_output=True, text=True)
    if result.returncode:
        sys.exit(result.stderr)
    return result.stdout


model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
with_adapter = [] if adapter == "-" else ["--adapter", adapter]
if with_adapter:
    model = PeftModel.from_pretrained(model, adapter)
model.eval()

with tempfile.TemporaryDirectory() as folder:
    rows = [json.loads(line) for line in open(data, encoding="utf-8")][:limit]
    few = folder + "/rows.jsonl"
    with open(few, "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    encoded = [json.loads(line) for line in run("encode", few, "--model", base, "--json").splitlines()]
    encoded = [row for row in encoded if not row["dropped"]]

    loss_sum = targets = 0
    prompts = folder + "/prompts.jsonl"
    starts = []
    for row in encoded:
        ids = torch.tensor([row["input_ids"]])
        with torch.no_grad():
            scores = torch.log_softmax(model(ids).logits[0].double(), -1)
        for place in range(1, len(row["input_ids"])):
            if row["loss_mask"][place]:
                loss_sum -= scores[place - 1, row["input_ids"][place]].item()
                targets += 1
        starts.append(row["input_ids"][: row["loss_mask"].index(1)])
    report = json.loads(run("eval", "--model", base, *with_adapter, "--data", few, "--metrics", "perplexity", "--json"))
    difference = abs(report["nll_sum"] / loss_sum - 1)
    print(f"nll_sum: hone {report['nll_sum']:.6f}, peft {loss_sum:.6f}, relative difference {difference:.2e}, {targets} targets")
    assert report["target_tokens"] == targets and difference < 1e-4

    with open(prompts, "w", encoding="utf-8") as file:
        for row in rows:
            messages = row.get("messages") or [{"role": "user", "content": row["prompt"]}, {"role": "assistant"}]
            file.write(json.dumps({"messages": messages[:-1]}, ensure_ascii=False) + "\n")
    answers = [
        json.loads(line)
        for line in run(
            "generate", "--model", base, *with_adapter, "--prompts", prompts, "--max-new-tokens", str(new_tokens)
        ).splitlines()
    ]
    same = 0
    for start, answer in zip(starts, answers):
        ids = torch.tensor([start])
        with torch.no_grad():
            out = model.generate(
                input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=new_tokens, do_sample=False)
        found = out[0, len(start):].tolist()
        if answer["finish"] == "stop" and len(found) == len(answer["ids"]) + 1:
            found = found[:-1]
        same += found == answer["ids"]
        if found != answer["ids"]:
            print("differs:", answer["ids"], found)
    print(f"greedy answers: {same} of {len(answers)} are equal")
    assert same == len(answers)
