"""Answers the held-out rows of a run where it was trained, for models that hone's own decoder cannot hold.

hone writes the questions as token ids and scores what comes back; this script only asks, greedily, before and after
training: with vLLM where it is installed and an accelerator is there, else with transformers. Standard output carries one
line per batch (`arm done total`), one with the program that answers, and a last one with an error where there is one.
"""
import contextlib
import importlib.metadata
import importlib.util
import json
import os
import sys
import traceback

os.environ.update({"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"})

from failures import explain
from run_folder import ENGINE, RUN, read_json, read_lines


def main(settings):
    name, why = choose(settings)
    program = f"{name} {importlib.metadata.version(name)}"
    print(json.dumps({"program": program, "because": why}), flush=True)
    if name == "vllm":
        import with_vllm as asking
    else:
        import with_transformers as asking

    questions = read_lines("questions.jsonl")
    for arm, answers in asking.answered(settings, questions, read_json("decoding.json")):
        with open(ENGINE / f"answers.{arm}.jsonl", "w", encoding="utf-8") as file:
            file.writelines(json.dumps(line) + "\n" for line in answers)
    (ENGINE / "answered_by.json").write_text(json.dumps({"program": program, "because": why}) + "\n")


def choose(settings):
    """What answers, and why: vLLM is many times as fast where it can be used, and gives the same tokens but for rounding."""
    if settings["sft"]["use_cpu"]:
        return "transformers", "the plan has no accelerator"
    if settings["quantization"] is not None:
        return "transformers", "the base is kept in 4 bits as it was trained"
    if importlib.util.find_spec("vllm") is None:
        return "transformers", "vllm is not installed"
    import torch

    if torch.cuda.device_count() == 0:
        return "transformers", "torch finds no accelerator"
    return "vllm", "it is installed and there is an accelerator"


if __name__ == "__main__":
    log = os.open(RUN / "engine.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 2)
    settings = read_json("settings.json")
    try:
        with contextlib.suppress(BrokenPipeError):
            main(settings)
    except Exception as error:
        traceback.print_exc()
        what, hint = explain(error, settings)
        print(json.dumps({"error": what, "hint": hint}), flush=True)
        sys.exit(1)
