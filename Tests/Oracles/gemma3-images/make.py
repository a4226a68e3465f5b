"""Makes a tiny random Gemma 3 that reads images, as transformers 4 and 5 nest it, with the logits of a text without images.

Run with torch, transformers and safetensors installed: python make.py [folder]
transformers5/ is as transformers 5 lays the model out in memory, transformers4/ as transformers 4 wrote it (and as the
models on the Hub are stored): other names of tensors, and a text_config with the keys of that time and no defaults.
expected.json holds the ids of one row and its logits in float32. Weights are stored in bfloat16 and were rounded before.

Tolerance: logits 2e-4 absolute (float32 on both sides, sums in another order).
"""
import json
import os
import pathlib
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")
import torch
import transformers
from safetensors.torch import save_file
from transformers import Gemma3Config, Gemma3ForConditionalGeneration

HERE = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__)))
torch.set_num_threads(1)
TEXT = dict(vocab_size=45, hidden_size=24, intermediate_size=40, num_hidden_layers=3, num_attention_heads=4,
            num_key_value_heads=2, head_dim=8, query_pre_attn_scalar=12, sliding_window=4, max_position_embeddings=64,
            layer_types=["sliding_attention", "sliding_attention", "full_attention"], rope_parameters={
                "full_attention": {"rope_theta": 1000000.0, "rope_type": "linear", "factor": 8.0},
                "sliding_attention": {"rope_theta": 10000.0, "rope_type": "default"}})
VISION = dict(hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1, image_size=8, patch_size=4)
config = Gemma3Config(text_config=TEXT, vision_config=VISION, mm_tokens_per_image=4, image_token_index=44,
                      boi_token_index=42, eoi_token_index=43, bos_token_id=1, eos_token_id=2, pad_token_id=0)
torch.manual_seed(11)
model = Gemma3ForConditionalGeneration(config)
with torch.no_grad():
    for key, parameter in model.named_parameters():
        parameter.copy_(torch.randn_like(parameter) * (0.1 if "norm" in key else 0.3))
model = model.to(torch.bfloat16)
tensors = {key: value.contiguous() for key, value in model.state_dict().items() if key != "lm_head.weight"}

new = HERE / "transformers5"
new.mkdir(exist_ok=True)
written = config.to_dict()
written["dtype"] = "bfloat16"
written["architectures"] = ["Gemma3ForConditionalGeneration"]
(new / "config.json").write_text(json.dumps(written, indent=2, sort_keys=True) + "\n")
save_file(tensors, new / "model.safetensors", metadata={"format": "pt"})

old = HERE / "transformers4"
old.mkdir(exist_ok=True)
text = {key: value for key, value in TEXT.items() if key not in ("rope_parameters", "layer_types")}
text.update(model_type="gemma3_text", rope_scaling={"factor": 8.0, "rope_type": "linear"}, sliding_window_pattern=3)
(old / "config.json").write_text(json.dumps({
    "architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3", "text_config": text,
    "vision_config": {**VISION, "model_type": "siglip_vision_model"}, "mm_tokens_per_image": 4, "image_token_index": 44,
    "boi_token_index": 42, "eoi_token_index": 43, "bos_token_id": 1, "eos_token_id": [2], "pad_token_id": 0,
    "torch_dtype": "bfloat16", "transformers_version": "4.50.0"}, indent=2, sort_keys=True) + "\n")


def former(key):
    if key.startswith("model.language_model."):
        return "language_model.model." + key.removeprefix("model.language_model.")
    return key.removeprefix("model.")


save_file({former(key): value for key, value in tensors.items()}, old / "model.safetensors", metadata={"format": "pt"})
ids = [1, 7, 31, 4, 4, 18, 40, 22, 9, 13, 5, 27]
logits = []
for folder in (new, old):
    loaded = Gemma3ForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    with torch.no_grad():
        logits.append(loaded(input_ids=torch.tensor([ids])).logits[0])
assert torch.equal(*logits), (logits[0] - logits[1]).abs().max()
(HERE / "expected.json").write_text(json.dumps({
    "made_with": {m.__name__: m.__version__ for m in (torch, transformers)}, "ids": ids,
    "logits": [float(f"{value:.7g}") for value in logits[0].flatten().tolist()]}, separators=(",", ":")) + "\n")
print(sorted(tensors)[:3], logits[0].abs().max())
