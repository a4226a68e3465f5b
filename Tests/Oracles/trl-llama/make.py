#!/usr/bin/env python3
"""What TRL does with a tiny random Llama: 12 optimizer steps, LoRA and full, on a CPU in float32.

    make.py [FOLDER]      writes model/ and lora.json, full.json, lora.safetensors beside this file (or into FOLDER)

Needs torch, transformers, trl, peft; no network. `TRLParityTests` trains the same plan with hone and compares every step:
loss within 1e-4, gradient norm within 1e-3 of its value. Both are float32 on a CPU and differ in the order of sums only:
found with AVX-512 were 7e-6 in loss and 3e-6 in gradient norm; the tolerances leave room for other instruction sets. The
final adapter is compared as well, within 2e-4 (found: 3e-6): Adam divides by the root of tiny squared gradients, so an
entry with next to no gradient may end elsewhere.

The base is stored in bfloat16 (its weights are rounded before training, so nothing is lost) to keep the fixture small.
"""
import json
import os
import sys
import tempfile

os.environ.setdefault("HF_HUB_OFFLINE", "1")
import peft
import torch
import transformers
import trl
from datasets import Dataset
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

HERE = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
TEMPLATE = (
    "{% for message in messages %}{{ '<|start|>' + message.role + '\n' }}"
    "{% if message.role == 'assistant' %}{% generation %}{{ message.content + '<|end|>' }}{% endgeneration %}{{ '\n' }}"
    "{% else %}{{ message.content + '<|end|>\n' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start|>assistant\n' }}{% endif %}"
)
WORDS = "add a task to water the plants on friday and remind me twice when it rains in the morning please".split()


def make_model(path):
    """Byte-level tokenizer without merges, and a Llama whose logits are not flat."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {piece: number for number, piece in enumerate(["<|pad|>", "<|start|>", "<|end|>"] + alphabet)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<|pad|>", "<|start|>", "<|end|>"])
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>", pad_token="<|pad|>")
    fast.chat_template = TEMPLATE
    fast.save_pretrained(path)
    config = transformers.LlamaConfig(
        vocab_size=len(fast), hidden_size=48, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=256, bos_token_id=None, eos_token_id=fast.eos_token_id,
        pad_token_id=fast.pad_token_id, tie_word_embeddings=False)
    torch.manual_seed(3)
    model = transformers.LlamaForCausalLM(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.mul_(8)
    model.to(torch.bfloat16).save_pretrained(path)


def conversations():
    """21 rows of different lengths; 21 is odd, so that epochs end with a short micro-batch."""
    rows = []
    for i in range(21):
        asked = [WORDS[(i * 3 + k) % len(WORDS)] for k in range(3 + i % 4)]
        answered = [WORDS[(i * 5 + k * 2) % len(WORDS)] for k in range(2 + i % 5)]
        rows.append({"messages": [{"role": "user", "content": f"{i}: " + " ".join(asked)},
                                  {"role": "assistant", "content": " ".join(answered)}]})
    return rows


def run(mode, folder):
    seen = []

    class Recording(trl.SFTTrainer):
        def compute_loss(self, model, inputs, **rest):
            if self.model.training:
                seen.append([row.tolist() for row in inputs["input_ids"]])
            return super().compute_loss(model, inputs, **rest)

    settings = dict(
        per_device_train_batch_size=2, gradient_accumulation_steps=2, num_train_epochs=2, learning_rate=5e-3,
        warmup_steps=2, lr_scheduler_type="cosine", weight_decay=0.1, max_grad_norm=0.5, seed=42, max_length=128)
    adapter = peft.LoraConfig(r=4, lora_alpha=8, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM")
    trainer = Recording(
        os.path.join(HERE, "model"), train_dataset=Dataset.from_list(conversations()),
        peft_config=adapter if mode == "lora" else None,
        args=trl.SFTConfig(
            output_dir=folder, use_cpu=True, bf16=False, logging_steps=1, save_strategy="no", assistant_only_loss=True,
            report_to="none", disable_tqdm=True, **settings))
    rows = [{"input_ids": row["input_ids"], "labels": row["labels"]} for row in trainer.train_dataset]
    trainer.train()
    if mode == "lora":
        trainer.save_model(folder)
        save_file(load_file(os.path.join(folder, "adapter_model.safetensors")), os.path.join(HERE, "lora.safetensors"))
    pad = trainer.processing_class.pad_token_id
    number = {tuple(row["input_ids"]): i for i, row in enumerate(rows)}
    assert len(number) == len(rows)

    def unpadded(ids):
        while ids[-1] == pad:
            ids = ids[:-1]
        return tuple(ids)

    record = {
        "made_with": {m.__name__: m.__version__ for m in (torch, transformers, trl, peft)},
        "settings": settings,
        "rows": [{"input_ids": r["input_ids"], "is_target": [x != -100 for x in r["labels"]]} for r in rows],
        "micro_batches": [[number[unpadded(ids)] for ids in batch] for batch in seen],
        "steps": [{k: e[k] for k in ("step", "epoch", "loss", "grad_norm", "learning_rate")}
                  for e in trainer.state.log_history if "loss" in e],
    }
    with open(os.path.join(HERE, mode + ".json"), "w") as file:
        json.dump(record, file, separators=(",", ":"))
        file.write("\n")
    for step in record["steps"]:
        print(mode, step)


os.makedirs(os.path.join(HERE, "model"), exist_ok=True)
make_model(os.path.join(HERE, "model"))
for mode in ("lora", "full"):
    with tempfile.TemporaryDirectory() as folder:
        run(mode, folder)
