"""Makes golden runs of TRL for every family: 50 optimizer steps on a CPU, LoRA and full, with every loss and gradient norm.

Run with torch, transformers, trl, peft, datasets and tokenizers installed: python make.py [folder]
Writes FAMILY/ (config and weights of a tiny random model, bfloat16 so that the fixture is small; the weights are rounded
before training) and runs.json.

Tolerances are those TRL uses on itself: every loss within 1e-3, mean difference of the losses below 1e-5; every gradient
norm within 0.1, mean difference below 1e-3. Both sides are float32 and differ in the order of sums only.
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
from tokenizers import Tokenizer, models, pre_tokenizers

torch.set_num_threads(1)
HERE = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
TEMPLATE = (
    "{% for message in messages %}{{ '<|start|> ' + message.role + ' ' }}"
    "{% if message.role == 'assistant' %}{% generation %}{{ message.content + ' <|end|>' }}{% endgeneration %}{{ ' ' }}"
    "{% else %}{{ message.content + ' <|end|> ' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start|> assistant ' }}{% endif %}"
)
WORDS = "add a task to water the plants on friday and remind me twice when it rains in morning please".split()
SMALL = dict(hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=128)
FAMILIES = {
    "llama3": ("Llama", dict(tie_word_embeddings=True, rope_parameters={
        "rope_theta": 500000.0, "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 32})),
    "mistral": ("Mistral", dict(sliding_window=8)),
    "qwen2": ("Qwen2", dict(tie_word_embeddings=True)),
    "qwen3": ("Qwen3", dict(head_dim=12, tie_word_embeddings=True)),
    "smollm3": ("SmolLM3", dict(no_rope_layer_interval=2)),
    "phi3": ("Phi3", dict(rope_parameters={"rope_theta": 10000.0, "rope_type": "default", "partial_rotary_factor": 0.75})),
    "olmo2": ("Olmo2", dict()),
    "gemma2": ("Gemma2", dict(head_dim=8, query_pre_attn_scalar=8, sliding_window=8)),
    "gemma3": ("Gemma3Text", dict(head_dim=8, query_pre_attn_scalar=8, sliding_window=8, sliding_window_pattern=2)),
}


def make_tokenizer():
    names = ["<|pad|>", "<|start|>", "<|end|>", "<|unk|>", "user", "assistant"] + WORDS
    tokenizer = Tokenizer(models.WordLevel({name: i for i, name in enumerate(names)}, unk_token="<|unk|>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|end|>", pad_token="<|pad|>", unk_token="<|unk|>")
    fast.chat_template = TEMPLATE
    return fast


def make_model(family, tokenizer, path):
    kind, extra = FAMILIES[family]
    config = getattr(transformers, kind + "Config")(**{
        **SMALL, "vocab_size": len(tokenizer), "bos_token_id": None, "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id, **extra})
    torch.manual_seed(3)
    model = transformers.AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.mul_(4)
    model.to(torch.bfloat16).save_pretrained(path)
    for name in ("generation_config.json",):
        if os.path.exists(os.path.join(path, name)):
            os.remove(os.path.join(path, name))


def conversations():
    rows = []
    for i in range(21):
        asked = [WORDS[(i * 3 + k) % len(WORDS)] for k in range(3 + i % 4)]
        answered = [WORDS[(i * 5 + k * 2 + i // 7) % len(WORDS)] for k in range(2 + i % 5)]
        rows.append({"messages": [{"role": "user", "content": " ".join(asked)},
                                  {"role": "assistant", "content": " ".join(answered)}]})
    return rows


def run(family, mode, tokenizer, folder):
    settings = dict(
        per_device_train_batch_size=2, gradient_accumulation_steps=2, max_steps=50,
        learning_rate=5e-3 if mode == "lora" else 1e-3, warmup_steps=2, lr_scheduler_type="cosine", weight_decay=0.1,
        max_grad_norm=0.5, seed=42, max_length=64)
    adapter = peft.LoraConfig(r=4, lora_alpha=8, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM")
    trainer = trl.SFTTrainer(
        os.path.join(HERE, family), train_dataset=Dataset.from_list(conversations()), processing_class=tokenizer,
        peft_config=adapter if mode == "lora" else None,
        args=trl.SFTConfig(
            output_dir=folder, use_cpu=True, bf16=False, logging_steps=1, save_strategy="no", assistant_only_loss=True,
            report_to="none", disable_tqdm=True, **settings))
    rows = [{"input_ids": row["input_ids"], "is_target": [x != -100 for x in row["labels"]]}
            for row in trainer.train_dataset]
    trainer.train()
    steps = [[e[k] for k in ("loss", "grad_norm", "learning_rate")] for e in trainer.state.log_history if "loss" in e]
    return settings, rows, steps


record = {"made_with": {m.__name__: m.__version__ for m in (torch, transformers, trl, peft)}, "runs": {}}
tokenizer = make_tokenizer()
for family in FAMILIES:
    make_model(family, tokenizer, os.path.join(HERE, family))
    for mode in ("lora", "full"):
        with tempfile.TemporaryDirectory() as folder:
            settings, rows, steps = run(family, mode, tokenizer, folder)
        record["rows"] = rows
        record["runs"][family + "-" + mode] = {"settings": settings, "steps": steps}
        print(family, mode, steps[0], steps[-1], flush=True)
with open(os.path.join(HERE, "runs.json"), "w") as file:
    json.dump(record, file, separators=(",", ":"))
    file.write("\n")
