"""Makes one tiny random model for every family of decoders and every rotary scaling, with what transformers computes.

Run with torch, transformers, numpy and safetensors installed: python make.py [folder]
For each case: CASE/config.json as transformers 5 writes it, CASE/model.safetensors (bfloat16, so that it is small; the
weights are rounded before anything is computed), and expected.json with, for all cases, logits of two rows in float32,
the sum of token losses over marked tokens, and of every tensor's gradient its length and its sum against a fixed
pattern. `before` in expected.json is the same config as transformers 4 wrote it.

Tolerances: logits 2e-4 absolute; gradient lengths and pattern sums 1e-3 of the length (float32 on both sides, sums in
another order).
"""
import json
import math
import os
import pathlib
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")
import torch
import transformers
from transformers import (Gemma2Config, Gemma3TextConfig, LlamaConfig, MistralConfig, Olmo2Config, Phi3Config,
                          Qwen2Config, Qwen3Config, SmolLM3Config)

HERE = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)))
torch.set_num_threads(1)
BASE = dict(vocab_size=45, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=64, bos_token_id=1, eos_token_id=2, pad_token_id=0,
            tie_word_embeddings=False)
GEMMA = dict(head_dim=8, query_pre_attn_scalar=12, sliding_window=4, num_hidden_layers=3, tie_word_embeddings=True)


def theta(value=10000.0, **rest):
    return {"rope_theta": value, "rope_type": "default", **rest}


CASES = {
    "llama-linear": (LlamaConfig, dict(rope_parameters=theta(rope_type="linear", factor=2.5))),
    "llama-dynamic": (LlamaConfig, dict(rope_parameters=theta(rope_type="dynamic", factor=2.0))),
    "llama3": (LlamaConfig, dict(num_key_value_heads=1, tie_word_embeddings=True, rope_parameters=theta(
        500000.0, rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
        original_max_position_embeddings=16))),
    "llama-yarn": (LlamaConfig, dict(head_dim=16, rope_parameters=theta(
        rope_type="yarn", factor=4.0, original_max_position_embeddings=16))),
    "llama-biases": (LlamaConfig, dict(attention_bias=True, mlp_bias=True)),
    "mistral": (MistralConfig, dict(sliding_window=None, head_dim=8)),
    "mistral-window": (MistralConfig, dict(sliding_window=4)),
    "qwen2": (Qwen2Config, dict(tie_word_embeddings=True, rope_parameters=theta(1000000.0))),
    "qwen2-window": (Qwen2Config, dict(use_sliding_window=True, sliding_window=3, max_window_layers=1)),
    "qwen3": (Qwen3Config, dict(head_dim=10, tie_word_embeddings=True, rope_parameters=theta(1000000.0))),
    "smollm3": (SmolLM3Config, dict(no_rope_layer_interval=2, tie_word_embeddings=True)),
    "phi3": (Phi3Config, dict(sliding_window=5)),
    "phi3-long": (Phi3Config, dict(
        original_max_position_embeddings=10, head_dim=8, hidden_size=32, num_attention_heads=4,
        rope_parameters=theta(rope_type="longrope", partial_rotary_factor=0.75, short_factor=[1.0, 1.1, 1.3],
                              long_factor=[1.2, 2.0, 5.0]))),
    "olmo2": (Olmo2Config, dict(rope_parameters=theta(500000.0))),
    "gemma2": (Gemma2Config, dict(GEMMA, attn_logit_softcapping=1.5, final_logit_softcapping=4.0)),
    "gemma3": (Gemma3TextConfig, dict(GEMMA, sliding_window_pattern=3, rope_parameters={
        "full_attention": theta(1000000.0, rope_type="linear", factor=8.0),
        "sliding_attention": theta(10000.0)})),
}


def former(config):
    """The config as transformers 4 wrote it."""
    rope = config.pop("rope_parameters", None) or {}
    full = rope.get("full_attention", rope)
    if "sliding_attention" in rope:
        config["rope_local_base_freq"] = rope["sliding_attention"]["rope_theta"]
        config["sliding_window_pattern"] = 3
    config.pop("layer_types", None)
    scaling = {key: value for key, value in full.items() if key not in ("rope_theta", "partial_rotary_factor")}
    config["rope_theta"] = full.get("rope_theta", 10000.0)
    if "partial_rotary_factor" in full:
        config["partial_rotary_factor"] = full["partial_rotary_factor"]
    if config["model_type"] == "phi3":
        scaling.pop("original_max_position_embeddings", None)
        scaling.pop("factor", None)
    kind = scaling.pop("rope_type", "default")
    config["rope_scaling"] = None if kind == "default" else {"type": kind, **scaling}
    config["torch_dtype"] = config.pop("dtype", None)
    config.pop("transformers_version", None)
    return config


def numbers(tensor):
    return [float(f"{value:.7g}") for value in tensor.detach().flatten().tolist()]


def pattern(count):
    return torch.tensor([math.cos(0.7 * i + 0.3) for i in range(count)], dtype=torch.float64)


def case(name, kind, extra):
    torch.manual_seed(sum(map(ord, name)))
    config = kind(**{**BASE, **extra})
    config._attn_implementation = "eager"
    model = transformers.AutoModelForCausalLM.from_config(config, attn_implementation="eager")
    one = 0 if "gemma" in name else 1
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            norm = "norm" in key
            parameter.copy_(torch.randn_like(parameter) * (0.1 if norm else 0.3) + (one if norm else 0))
    model = model.to(torch.bfloat16)
    model.save_pretrained(HERE / name)
    # Loaded again, because converting a model rounds its rotary frequencies as well.
    model = transformers.AutoModelForCausalLM.from_pretrained(
        HERE / name, dtype=torch.float32, attn_implementation="eager").eval()
    rows = []
    for length in (17, 9):
        ids = torch.randint(3, 45, (length,)).tolist()
        rows.append((ids, [t >= 3 for t in range(length)]))
    logits, loss = [], 0.0
    for ids, marks in rows:
        out = model(torch.tensor([ids])).logits[0].float()
        logits.append(out)
        wanted = [t for t in range(len(ids) - 1) if marks[t + 1]]
        loss = loss + torch.nn.functional.cross_entropy(
            out[wanted], torch.tensor([ids[t + 1] for t in wanted]), reduction="sum")
    loss.backward()
    gradients = {}
    for key, parameter in model.named_parameters():
        flat = parameter.grad.double().flatten()
        gradients[key] = [flat.norm().item(), (flat * pattern(flat.numel())).sum().item()]
    written = json.loads((HERE / name / "config.json").read_text())
    for extra_file in ("generation_config.json",):
        (HERE / name / extra_file).unlink(missing_ok=True)
    return {"rows": [{"ids": ids, "isTarget": marks} for ids, marks in rows], "loss": loss.item(),
            "logits": numbers(torch.cat(logits)), "gradients": gradients, "before": former(written)}


record = {"made_with": {m.__name__: m.__version__ for m in (torch, transformers)}, "cases": {}}
for name, (kind, extra) in CASES.items():
    record["cases"][name] = case(name, kind, extra)
    print(name, record["cases"][name]["loss"])
(HERE / "expected.json").write_text(json.dumps(record, separators=(",", ":")) + "\n")
