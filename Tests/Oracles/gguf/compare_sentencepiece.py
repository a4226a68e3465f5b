"""Compares how transformers, hone and llama.cpp cut texts into the tokens of a SentencePiece vocabulary.

    compare_sentencepiece.py HONE FOLDER MODEL.gguf LLAMA_PYTHON [--plain]

FOLDER is a model of make_sentencepiece.py, MODEL.gguf what hone wrote of it, LLAMA_PYTHON a Python that has llama_cpp; run this
one with transformers. Each text is put to the chat template as what a user says, with --plain also as it stands. Markup inside
it counts. GGUF has no way to say "a space only where the text begins", so with the model `metaspace`, whose prompts begin with
a special token, only the prompts can agree.
"""
import json
import subprocess
import sys
import tempfile

from transformers import AutoTokenizer

hone, folder, model, llama = sys.argv[1:5]
texts = [
    "Remind me to call the school at 12:45.", "a", " a", "  two  spaces ", "", "\n\nnew\tlines\n", "né à l'été", "日本語 テスト",
    "😀 emoji 🎉", "12345 67 8", "<s>[INST] add milk [/INST]", "<s> add </s> more </s>", "</s>x", "▁mark", "A\u00a0B", "'s 'll don't",
    "{\"action\":\"add\",\"title\":\"buy a present for mom\"}", "ÀÉÎÕÜ ß ﬁ", "x" * 40, "\u200bzero", "<unk> <0x41>"]
tokenizer = AutoTokenizer.from_pretrained(folder)
prompts = [tokenizer.apply_chat_template([{"role": "user", "content": text}], tokenize=False) for text in texts]
texts = prompts + (texts if "--plain" in sys.argv[5:] else [])
theirs = [tokenizer(text, add_special_tokens=False).input_ids for text in texts]
with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
    file.writelines(json.dumps({"text": text}) + "\n" for text in texts)
    file.flush()
    run = subprocess.run([hone, "encode", "--model", folder, "--texts", file.name], capture_output=True, text=True)
if run.returncode:
    print(f"{folder}: {run.stderr.strip()}")
    sys.exit(2)
ours = [json.loads(line) for line in run.stdout.splitlines()]
ours = [row.get("ids", row.get("input_ids")) for row in ours]
script = """
import json, sys
from llama_cpp import Llama
model = Llama(sys.argv[1], vocab_only=True, verbose=False)
for text in json.load(sys.stdin):
    print(json.dumps(model.tokenize(text.encode(), add_bos=False, special=True)))
"""
run = subprocess.run(
    [llama, "-c", script, model], input=json.dumps(texts), capture_output=True, text=True, check=True)
loaded = [json.loads(line) for line in run.stdout.splitlines()]
different = 0
for text, one, other, third in zip(texts, theirs, ours, loaded):
    if not one == other == third:
        different += 1
        print(f"{text!r}\n  transformers {one}\n  hone         {other}\n  llama.cpp    {third}")
print(f"{folder}: {len(texts) - different} of {len(texts)} texts are cut equally by all three")
sys.exit(different > 0)
