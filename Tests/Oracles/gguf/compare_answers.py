"""Asks llama.cpp and hone the same prompts with the same GGUF files and compares the tokens, greedy.

    compare_answers.py HONE MODEL.gguf [MODEL.gguf ...] [--lora ADAPTER.gguf] [--prompts FILE.jsonl] [--limit N] [--least SHARE]

Needs llama-cpp-python (its source package holds llama.cpp and compiles with a C++ compiler and CMake). Every file is loaded;
prompts are rendered by Jinja2 from the template inside the file and cut into tokens by llama.cpp; hone does both itself; then
the answers are compared token by token, up to 64 of them. F16 and F32 files must agree in every token; of quantised
files llama.cpp multiplies with 8-bit activations, so there a share is printed and --least (0.9) asked for.

A file without a chat template is asked to continue plain texts instead.

Keys and values are kept in float32, so that only the arithmetic of the products differs.
"""
import argparse
import json
import subprocess
import sys
import tempfile

import jinja2
import jinja2.ext
import jinja2.sandbox
from llama_cpp import Llama

arguments = argparse.ArgumentParser()
arguments.add_argument("hone")
arguments.add_argument("models", nargs="+")
arguments.add_argument("--lora")
arguments.add_argument("--prompts")
arguments.add_argument("--limit", type=int, default=40)
arguments.add_argument("--least", type=float, default=0.9)
arguments.add_argument("--new", type=int, default=64)
given = arguments.parse_args()

messages = [[{"role": "user", "content": "Hello, who are you?"}], [{"role": "user", "content": "2 + 2 = ?"}]]
if given.prompts:
    messages = []
    for line in open(given.prompts, encoding="utf-8"):
        row = json.loads(line)
        turns = row.get("messages") or [{"role": "user", "content": row["prompt"]}]
        messages.append(turns[:-1] if turns[-1]["role"] == "assistant" else turns)
    step = max(1, len(messages) // given.limit)
    messages = messages[::step][:given.limit]

failed = False
for path in given.models:
    model = Llama(path, n_ctx=2048, n_threads=2, logits_all=False, verbose=False, type_k=0, type_v=0,
                  lora_path=given.lora, flash_attn=False)
    source = model.metadata.get("tokenizer.chat_template")
    template = source and jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[jinja2.ext.loopcontrols]).from_string(source)
    stops = {int(model.metadata[key]) for key in
             ("tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id")
             if key in model.metadata}
    ids = {name: model.metadata.get(f"tokenizer.ggml.{name}_token_id") for name in ("bos", "eos")}
    texts = {name + "_token": model._model.token_get_text(int(place)) if place else "" for name, place in ids.items()}
    rows = []
    for turns in messages:
        text = (template.render(messages=turns, add_generation_prompt=True, **texts) if template
                else turns[-1]["content"])
        ids = model.tokenize(text.encode(), add_bos=False, special=True)
        model.reset()
        answer = []
        for token in model.generate(ids, temp=0.0, top_k=1, repeat_penalty=1.0):
            if token in stops or len(answer) == given.new:
                break
            answer.append(token)
        rows.append((ids, answer))
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        for turns in messages:
            file.write(json.dumps({"messages": turns} if template else {"prompt": turns[-1]["content"]}) + "\n")
        file.flush()
        command = [given.hone, "generate", "--model", path, "--prompts", file.name, "--max-new-tokens", str(given.new)]
        if given.lora:
            command += ["--adapter", given.lora]
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip("\n").split("\n")
    same = agreed = total = 0
    for (_, theirs), line in zip(rows, lines):
        ours = json.loads(line)["ids"]
        same += ours == theirs
        total += max(len(ours), len(theirs))
        shared = next((place for place, pair in enumerate(zip(ours, theirs)) if pair[0] != pair[1]),
                      min(len(ours), len(theirs)))
        agreed += shared
    share = agreed / total if total else 1.0
    exact = model.metadata["general.file_type"] in ("0", "1")
    wanted = 1.0 if exact else given.least
    failed |= share < wanted
    print(f"{path}: {same} of {len(rows)} answers equal, {agreed} of {total} tokens ({share:.4f}), "
          f"wanted {wanted}: {'ok' if share >= wanted else 'DIFFERS'}")
sys.exit(failed)
