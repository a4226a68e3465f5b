#!/usr/bin/env python3
"""Does a folder with a tiny model of each family do in hone what it does in transformers and PEFT?

    compare.py HONE FOLDER [FAMILY ...]

Makes below FOLDER, where they are missing, models of random weights with a byte-level tokenizer and the chat template of their
family, and compares:
  * the ids of conversations, and that the training template `hone encode --training-template` prints writes the same ids in
    transformers and masks what hone masks
  * the sum of the negative log-likelihoods that `hone eval` finds with that of torch, within 1e-4
  * twelve tokens of `hone generate`, greedy
  * every tensor that `hone merge` writes with that of PEFT's `merge_and_unload`, bit for bit, and the tokenizer's files

Needs torch, transformers, peft and tokenizers. Not part of `make test`.
"""
import filecmp
import json
import os
import pathlib
import shutil
import subprocess
import sys

os.environ["HF_HUB_OFFLINE"] = "1"
import peft
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedTokenizerFast

transformers.logging.set_verbosity_error()
HONE, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
TEMPLATES = pathlib.Path(__file__).parent.parent / "chat-templates"
TEXT = ["the quick brown fox jumps over the lazy dog and asks a question about the weather in Paris today",
        "Hello! What is the capital of France? The capital of France is Paris. Thank you very much indeed."] * 20
SIZES = dict(hidden_size=64, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=2048)
CHATML = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"]
GEMMA = ["<pad>", "<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>"]
LLAMA = ["<|pad|>", "<|begin_of_text|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>"]
PHI = ["<|endoftext|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"]
WINDOW = dict(head_dim=16, query_pre_attn_scalar=16, sliding_window=16)
# Config, what differs, special tokens (padding first), begin, end, template, what the adapter has beside LoRA.
FAMILIES = {
    "llama3": ("Llama", dict(tie_word_embeddings=True), LLAMA, "<|begin_of_text|>", "<|eot_id|>",
               "lcpp-meta-llama-Llama-3.2-3B-Instruct", dict(rank_pattern={"q_proj": 2})),
    "qwen2": ("Qwen2", dict(tie_word_embeddings=True), CHATML, None, "<|im_end|>", "qwen2_5", {}),
    "qwen3": ("Qwen3", dict(head_dim=16), CHATML, None, "<|im_end|>", "qwen3", dict(modules_to_save=["lm_head", "norm"])),
    "mistral": ("Mistral", dict(sliding_window=32), ["<pad>", "<s>", "</s>", "[INST]", "[/INST]"], "<s>", "</s>",
                "lcpp-mistralai-Mistral-Nemo-Instruct-2407", {}),
    "phi3": ("Phi3", {}, PHI, None, "<|endoftext|>", "phi3_5", dict(use_rslora=True)),
    "gemma2": ("Gemma2", WINDOW, GEMMA, "<bos>", "<eos>", "lcpp-google-gemma-2-2b-it", dict(use_dora=True)),
    "gemma3": ("Gemma3Text", WINDOW, GEMMA, "<bos>", "<eos>", "gemma3", {}),
    "smollm3": ("SmolLM3", dict(no_rope_layer_interval=2), CHATML, None, "<|im_end|>", "qwen2_5", {}),
}
ROWS = [
    [{"role": "user", "content": "What is the capital of France?"}, {"role": "assistant", "content": "The capital of France is Paris."}],
    [{"role": "user", "content": "Hello!"}, {"role": "assistant", "content": "Hello! Thank you."},
     {"role": "user", "content": "the weather?"}, {"role": "assistant", "content": "the quick brown fox \u00fcn\u00ef"}],
]


def make(name, path):
    kind, extra, specials, begin, end, template, _ = FAMILIES[name]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(TEXT, trainers.BpeTrainer(
        vocab_size=420, special_tokens=specials, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False))
    if begin:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{begin} $A", special_tokens=[(begin, tokenizer.token_to_id(begin))])
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=begin, eos_token=end, pad_token=specials[0])
    fast.chat_template = (TEMPLATES / (template + ".jinja")).read_text()
    fast.save_pretrained(path)
    config = getattr(transformers, kind + "Config")(**{
        **SIZES, "vocab_size": len(fast) + 8, "bos_token_id": fast.bos_token_id, "eos_token_id": fast.eos_token_id,
        "pad_token_id": fast.pad_token_id, **extra})
    torch.manual_seed(1)
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.mul_(5)
    model.to(torch.bfloat16).save_pretrained(path, max_shard_size="100KB" if name in ("llama3", "phi3") else "5GB")


def hone(*arguments):
    result = subprocess.run([*HONE.split(), *map(str, arguments)], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"hone {' '.join(map(str, arguments))}: {result.stderr}")
    return result.stdout


def compare(name, path):
    tokenizer = AutoTokenizer.from_pretrained(path)
    model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32).eval()
    data, chat = path.with_suffix(".jsonl"), path.with_suffix(".json")
    data.write_text("".join(json.dumps({"messages": row}) + "\n" for row in ROWS))
    chat.write_text(json.dumps(ROWS[1][:3]))
    training = hone("encode", "--training-template", "--model", path).rstrip("\n")
    equal = {"ids": True, "masks": True}
    total = 0.0
    for row, found in zip(ROWS, map(json.loads, hone("encode", data, "--model", path).splitlines())):
        ids = tokenizer.apply_chat_template(row, return_dict=True)["input_ids"]
        marked = tokenizer.apply_chat_template(
            row, chat_template=training, return_dict=True, return_assistant_tokens_mask=True)
        equal["ids"] &= found["input_ids"] == ids == marked["input_ids"]
        equal["masks"] &= [int(x) for x in found["loss_mask"]] == marked["assistant_masks"]
        with torch.no_grad():
            logs = torch.log_softmax(model(torch.tensor([ids])).logits[0].double(), -1)
        total -= sum(logs[i - 1, ids[i]].item() for i in range(1, len(ids)) if found["loss_mask"][i])
    scored = json.loads(hone("eval", "--model", path, "--data", data, "--metrics", "perplexity", "--json"))
    equal["loss"] = abs(scored["nll_sum"] - total) < 1e-4
    prompt = tokenizer.apply_chat_template(ROWS[1][:3], add_generation_prompt=True, return_dict=True, return_tensors="pt")
    with torch.no_grad():
        written = model.generate(prompt["input_ids"], max_new_tokens=12, do_sample=False)
    answer = json.loads(hone("generate", "--model", path, "--chat", chat, "--max-new-tokens", 12, "--json"))
    equal["answer"] = answer["ids"] == written[0, prompt["input_ids"].shape[1]:].tolist()

    adapter, merged = path.with_suffix(".adapter"), path.with_suffix(".merged")
    for folder in (adapter, merged):
        shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(0)
    tuned = peft.get_peft_model(model, peft.LoraConfig(
        r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM", **FAMILIES[name][-1]))
    with torch.no_grad():
        for key, parameter in tuned.named_parameters():
            if parameter.requires_grad and "magnitude" not in key:
                parameter.add_(torch.randn_like(parameter) * 0.05)
    tuned.save_pretrained(adapter)
    hone("merge", "--model", path, "--adapter", adapter, "--output", merged)
    theirs = peft.PeftModel.from_pretrained(
        AutoModelForCausalLM.from_pretrained(path, dtype=torch.bfloat16), adapter).merge_and_unload().state_dict()
    ours = AutoModelForCausalLM.from_pretrained(merged, dtype=torch.bfloat16).state_dict()
    equal["merged"] = ours.keys() == theirs.keys() and all(torch.equal(ours[key], theirs[key]) for key in ours)
    equal["tokenizer files"] = all(
        filecmp.cmp(path / file, merged / file, False)
        for file in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"))
    return equal


failed = False
for name in sys.argv[3:] or FAMILIES:
    path = FOLDER / name
    if not (path / "config.json").exists():
        make(name, path)
    equal = compare(name, path)
    failed |= not all(equal.values())
    print(f"{name:8}", "  ".join(f"{what}: {'equal' if value else 'DIFFERENT'}" for what, value in equal.items()), flush=True)
sys.exit(failed)
