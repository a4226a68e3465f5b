"""Makes golden runs of TRL for the kinds of adapters hone trains beside plain LoRA: 50 optimizer steps on a CPU.

Run with torch, transformers, trl, peft and datasets installed, after ../trl-families/make.py: python make.py [folder]
Trains on the rows and models of ../trl-families (Mistral, whose embeddings are not tied). Writes runs.json, and start/,
the adapter that the run `continued` goes on from.

Tolerances are those TRL uses on itself: every loss within 1e-3, mean difference of the losses below 1e-5; every gradient
norm within 0.1, mean difference below 1e-3.
"""
import json
import os
import pathlib
import shutil
import sys
import tempfile

os.environ.setdefault("HF_HUB_OFFLINE", "1")
import peft
import torch
import transformers
import trl
from datasets import Dataset
from tokenizers import Tokenizer, models
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

torch.set_num_threads(1)
HERE = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)))
FAMILIES = HERE.parent / "trl-families"
BASE = FAMILIES / "mistral"
KINDS = {
    "dora": dict(r=4, lora_alpha=8, use_dora=True, target_modules="all-linear"),
    "rslora": dict(r=4, lora_alpha=8, use_rslora=True, target_modules="all-linear"),
    "saved": dict(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"], modules_to_save=["embed_tokens", "lm_head", "norm"]),
    "patterns": dict(r=4, lora_alpha=8, target_modules="all-linear", rank_pattern={"k_proj": 2, "down_proj": 6},
                     alpha_pattern={"q_proj": 3}),
}
ROWS = [{"input_ids": row["input_ids"], "labels": [i if t else -100 for i, t in zip(row["input_ids"], row["is_target"])]}
        for row in json.loads((FAMILIES / "runs.json").read_text())["rows"]]
SETTINGS = dict(per_device_train_batch_size=2, gradient_accumulation_steps=2, max_steps=50, learning_rate=5e-3,
                warmup_steps=2, lr_scheduler_type="cosine", weight_decay=0.1, max_grad_norm=0.5, seed=42)


def tokenizer():
    names = {f"t{i}": i for i in range(3)}
    return PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel(names, unk_token="t0")), eos_token="t2",
                                   pad_token="t1", unk_token="t0")


def run(model, config, folder):
    trainer = trl.SFTTrainer(
        model, train_dataset=Dataset.from_list(ROWS), processing_class=tokenizer(), peft_config=config,
        args=trl.SFTConfig(output_dir=folder, use_cpu=True, bf16=False, logging_steps=1, save_strategy="no",
                           report_to="none", disable_tqdm=True, max_length=64, **SETTINGS))
    trainer.train()
    return trainer, [[e[k] for k in ("loss", "grad_norm", "learning_rate")] for e in trainer.state.log_history if "loss" in e]


def base():
    return AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.float32)


record = {"made_with": {m.__name__: m.__version__ for m in (torch, transformers, trl, peft)}, "settings": SETTINGS, "runs": {}}
for name, settings in KINDS.items():
    with tempfile.TemporaryDirectory() as folder:
        trainer, record["runs"][name] = run(
            str(BASE), peft.LoraConfig(task_type="CAUSAL_LM", lora_dropout=0.0, **settings), folder)
        if name == "patterns":
            shutil.rmtree(HERE / "start", ignore_errors=True)
            trainer.model.save_pretrained(HERE / "start")
            (HERE / "start" / "README.md").unlink(missing_ok=True)
            kept = json.loads((HERE / "start" / "adapter_config.json").read_text())
            kept["base_model_name_or_path"] = "trl-families/mistral"
            (HERE / "start" / "adapter_config.json").write_text(json.dumps(kept, indent=2, sort_keys=True) + "\n")
    print(name, record["runs"][name][-1])
with tempfile.TemporaryDirectory() as folder:
    continued = peft.PeftModel.from_pretrained(base(), HERE / "start", is_trainable=True)
    _, record["runs"]["continued"] = run(continued, None, folder)
    print("continued", record["runs"]["continued"][-1])
(HERE / "runs.json").write_text(json.dumps(record, separators=(",", ":")) + "\n")
