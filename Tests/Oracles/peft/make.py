"""Makes adapters of every kind hone reads, on the tiny Qwen2 of ../families, with what PEFT computes with them.

Run with torch, transformers and peft installed: python make.py [folder]
KIND/adapter_config.json and adapter_model.safetensors are as PEFT saves them. expected.json holds for each kind the logits
of one row in float32, the length of every gradient and its sum against a fixed pattern, and for the merged model the
length and sum of every weight.

Tolerances: logits 2e-4 absolute, gradients 1e-3 of their length, merged sums 1e-5 of the weight's length: float32 on both
sides, sums in another order.
"""
import json
import math
import os
import pathlib
import shutil
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")
import peft
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model

HERE = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)))
BASE = HERE.parent / "families" / "qwen2-window"
torch.set_num_threads(1)
IDS = [7, 31, 4, 4, 18, 40, 22, 9, 13, 5, 27]
KINDS = {
    "dora": dict(r=3, lora_alpha=6, use_dora=True, target_modules="all-linear"),
    "patterns": dict(r=4, lora_alpha=8, use_rslora=True, target_modules=["q_proj", "k_proj", "o_proj", "up_proj"],
                     rank_pattern={"k_proj": 2, "model.layers.1.mlp.up_proj": 6},
                     alpha_pattern={"q_proj": 3, r"layers\.0\.self_attn\.o_proj": 20}),
    "saved": dict(r=2, lora_alpha=4, target_modules=["v_proj", "down_proj"], modules_to_save=["lm_head", "embed_tokens"]),
    "norms": dict(r=2, lora_alpha=4, target_modules=["o_proj"], modules_to_save=["norm"]),
    "expression": dict(r=2, lora_alpha=4, target_modules=r".*\.self_attn\.(q|v)_proj"),
}


def base():
    return transformers.AutoModelForCausalLM.from_pretrained(BASE, dtype=torch.float32, attn_implementation="eager")


def numbers(tensor):
    return [float(f"{value:.7g}") for value in tensor.detach().flatten().tolist()]


def pattern(tensor):
    flat = tensor.detach().double().flatten()
    return [flat.norm().item(), (flat * torch.cos(0.7 * torch.arange(flat.numel(), dtype=torch.float64) + 0.3)).sum().item()]


record = {"made_with": {m.__name__: m.__version__ for m in (torch, transformers, peft)}, "ids": IDS, "kinds": {}}
for name, settings in KINDS.items():
    torch.manual_seed(5)
    model = get_peft_model(base(), LoraConfig(task_type="CAUSAL_LM", **settings))
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if not parameter.requires_grad:
                continue
            if "magnitude" in key:
                parameter.mul_(1 + 0.2 * torch.rand_like(parameter))
            elif "modules_to_save" in key:
                parameter.add_(0.05 * torch.randn_like(parameter))
            else:
                parameter.copy_(torch.round(torch.randn_like(parameter) * 16) / 64)
    shutil.rmtree(HERE / name, ignore_errors=True)
    model.save_pretrained(HERE / name)
    (HERE / name / "README.md").unlink(missing_ok=True)
    config = json.loads((HERE / name / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = "families/qwen2-window"
    (HERE / name / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")

    model = PeftModel.from_pretrained(base(), HERE / name, is_trainable=True)
    model.eval()
    logits = model(torch.tensor([IDS])).logits[0]
    loss = torch.nn.functional.cross_entropy(logits[:-1], torch.tensor(IDS[1:]), reduction="sum")
    loss.backward()
    gradients = {key.replace(".modules_to_save", "").replace(".default", "").replace(
        "magnitude_vector.weight", "magnitude_vector"): pattern(p.grad)
        for key, p in model.named_parameters() if p.grad is not None}
    merged = PeftModel.from_pretrained(base(), HERE / name).merge_and_unload()
    record["kinds"][name] = {"loss": loss.item(), "logits": numbers(logits), "gradients": gradients,
                             "merged": {key: pattern(p) for key, p in merged.named_parameters()}}
    print(name, loss.item(), (merged(torch.tensor([IDS])).logits[0] - logits).abs().max().item())
(HERE / "expected.json").write_text(json.dumps(record, separators=(",", ":")) + "\n")
