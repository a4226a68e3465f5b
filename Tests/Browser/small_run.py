"""Writes the folder of a small measured run with texts that try to break a page.

    python small_run.py FOLDER
"""
import json
import os
import sys

folder = sys.argv[1]
os.makedirs(folder + "/eval")
NASTY = [
    "<script>document.title = 'broken'</script>", "</script><b>bold</b>", "\u202eolleh\u202c \u200b\u200fhidden",
    "שלום, מה שלומך?", "a | b `c` **d** # e", "line one\nline two\n\tline three", "", "‘quotes’ \"and\" 'more' & &amp;",
]
arms = {}
for name, kind in [("base", "base"), ("tuned", "tuned")]:
    with open(f"{folder}/eval/{name}.items.jsonl", "w") as file:
        for place in range(60):
            expected = NASTY[place % len(NASTY)] or "an answer"
            right = name == "tuned" or place % 10 == 0
            item = {
                "line": place + 1, "prompt": f"{place}: {NASTY[place % len(NASTY)]}", "expected": expected,
                "output": expected if right else NASTY[(place + 3) % len(NASTY)], "finish": "stop",
                "scores": {"exact_match": 1.0 if right else 0.0},
            }
            file.write(json.dumps(item) + "\n")
    value = 1.0 if name == "tuned" else 0.1
    arms[name] = {"exact_match": {"value": value, "low": max(0, value - 0.1), "high": min(1, value + 0.1), "n": 60, "method": "wilson"}}
summary = {
    "split": "test", "items": 60, "arms": arms, "comparisons": [], "gates": {}, "verdict": None,
    "primary_metric": "exact_match", "metrics": ["exact_match"], "answer_form": "open_text",
    "arm_details": {name: {"kind": name, "model": "evil|<b>`model`"} for name in arms},
    "decoding": {"sampling": "greedy", "max_new_tokens": 8, "batch_size": 1},
}
with open(folder + "/eval/summary.json", "w") as file:
    json.dump(summary, file)
with open(folder + "/answers.yaml", "w") as file:
    file.write('task.summary: "Answer <b>strange</b> texts | and `more`"\n')
with open(folder + "/manifest.json", "w") as file:
    json.dump({"version": 1, "id": os.path.basename(folder), "created_at": "2026-11-22T10:00:00Z", "hone_version": "0.1.0",
               "status": "evaluated", "model": "evil|<b>`model`"}, file)
