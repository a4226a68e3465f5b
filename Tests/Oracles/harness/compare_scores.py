"""Compares what lm-evaluation-harness and hone say of the same model on the same held-out rows.

    compare_scores.py RUN [LM_EVAL]

RUN is a run folder after `hone eval RUN` and `hone export RUN`, judged by exact match; LM_EVAL the program `lm-eval` (0.4.13, with
torch and transformers). The harness asks the merged model with the exported task, offline, as the task's README says; then
every row's score must be equal. The merged model is rounded to the base's number format, so single texts may differ.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

run = pathlib.Path(sys.argv[1]).resolve()
program = sys.argv[2] if len(sys.argv) > 2 else "lm-eval"
folder = run / "export" / "lm-eval"
task = next(folder.glob("*.yaml")).stem
offline = dict(os.environ, HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
with tempfile.TemporaryDirectory() as work:
    subprocess.run(
        [program, "run", "--model", "hf", "--model_args", "pretrained=../merged,dtype=float32", "--tasks", task,
         "--include_path", ".", "--apply_chat_template", "--log_samples", "--output_path", work, "--device", "cpu"],
        cwd=folder, env=dict(offline, HF_HOME=work), check=True)
    found = next(pathlib.Path(work).rglob("samples_*.jsonl"))
    theirs = [json.loads(line) for line in open(found, encoding="utf-8")]
ours = {row["line"]: row for row in map(json.loads, open(run / "eval" / "tuned.items.jsonl", encoding="utf-8"))}
pairs = [(ours[row["doc"]["line"]], row) for row in theirs]
scores = sum(mine["scores"]["exact_match"] == row["exact_match"] for mine, row in pairs)
texts = sum(mine["output"].strip() == row["filtered_resps"][0] for mine, row in pairs)
mean = [sum(values) / len(pairs) for values in zip(*((mine["scores"]["exact_match"], row["exact_match"]) for mine, row in pairs))]
print(f"{len(pairs)} rows: exact match {mean[0]:.4f} in hone, {mean[1]:.4f} in the harness; "
      f"{scores} scores and {texts} texts equal")
sys.exit(scores != len(pairs))
