"""Makes the oracle of a tiny random Llama: logits, loss and gradients of full training and of LoRA on every linear layer.

Run with torch, transformers and numpy installed: python make.py  (writes oracle.json beside it)
Everything is float32. The loss is the SUM of token losses over marked tokens, two rows, each run alone.
The adapter formula is PEFT's, y = W x + scaling * B (A x), written out here so that only transformers is needed.
"""
import json, pathlib, sys

import numpy, torch, transformers
from transformers import LlamaConfig, LlamaForCausalLM

torch.manual_seed(11)
torch.set_num_threads(1)


class LowRank(torch.nn.Module):
    def __init__(self, base, rank, scaling):
        super().__init__()
        self.base, self.scaling = base, scaling
        base.weight.requires_grad_(False)
        self.lora_A = torch.nn.Parameter(torch.round(torch.randn(rank, base.in_features) * 20) / 100)
        self.lora_B = torch.nn.Parameter(torch.round(torch.randn(base.out_features, rank) * 20) / 100)

    def forward(self, x):
        return self.base(x) + (x @ self.lora_A.T @ self.lora_B.T) * self.scaling


def numbers(tensor):
    return [float(f"{value:.6g}") for value in tensor.detach().flatten().tolist()]


def loss_and_logits(model, rows):
    total, logits = 0.0, []
    for ids, marks in rows:
        out = model(torch.tensor([ids])).logits[0]
        logits.append(out)
        wanted = [t for t in range(len(ids) - 1) if marks[t + 1]]
        total = total + torch.nn.functional.cross_entropy(
            out[wanted], torch.tensor([ids[t + 1] for t in wanted]), reduction="sum")
    return total, logits


def case(tied):
    config = LlamaConfig(vocab_size=37, hidden_size=24, intermediate_size=40, num_hidden_layers=2, num_attention_heads=4,
                         num_key_value_heads=2, head_dim=6, rms_norm_eps=1e-5, max_position_embeddings=32,
                         tie_word_embeddings=tied, attention_bias=False)
    model = LlamaForCausalLM(config)
    for name, parameter in model.named_parameters():
        with torch.no_grad():
            spread = torch.randn_like(parameter) * (0.1 if "norm" in name else 0.3) + (1 if "norm" in name else 0)
            parameter.copy_(torch.round(spread * 100) / 100)
    rows = []
    for length in (11, 7):
        ids = torch.randint(0, 37, (length,)).tolist()
        rows.append((ids, [t >= 3 for t in range(length)]))
    result = {"tied": tied, "rows": [{"ids": ids, "isTarget": marks} for ids, marks in rows],
              "weights": {name: numbers(p) for name, p in model.named_parameters()}}
    loss, logits = loss_and_logits(model, rows)
    loss.backward()
    result["full"] = {"loss": loss.item(), "logits": numbers(torch.cat(logits)),
                      "gradients": {name: numbers(p.grad) for name, p in model.named_parameters()}}

    model.zero_grad()
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    adapters = {}
    for name, module in list(model.named_modules()):
        if isinstance(module, torch.nn.Linear) and "lm_head" not in name:
            wrapped = LowRank(module, 3, 2.0)
            parent, leaf = name.rsplit(".", 1)
            setattr(model.get_submodule(parent), leaf, wrapped)
            adapters[name] = wrapped
    loss, logits = loss_and_logits(model, rows)
    loss.backward()
    factors = {}
    for name, wrapped in adapters.items():
        for factor in ("lora_A", "lora_B"):
            factors[f"base_model.model.{name}.{factor}.weight"] = getattr(wrapped, factor)
    result["adapter"] = {"rank": 3, "alpha": 6, "values": {n: numbers(p) for n, p in factors.items()},
                         "loss": loss.item(), "logits": numbers(torch.cat(logits)),
                         "gradients": {n: numbers(p.grad) for n, p in factors.items()}}
    return result


folder = pathlib.Path(__file__).parent
oracle = {"versions": {"python": sys.version.split()[0], "torch": torch.__version__, "transformers": transformers.__version__},
          "tolerance": "1e-4 of the largest entry: float32 sums in another order",
          "cases": [case(tied=True), case(tied=False)]}
(folder / "oracle.json").write_text(json.dumps(oracle, separators=(",", ":")) + "\n")
