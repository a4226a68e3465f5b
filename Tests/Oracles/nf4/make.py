"""Makes what bitsandbytes 0.50.2 stores for weights in NF4, with double quantisation: nf4.json, and checkpoint/, the tiny
Qwen2 of ../families with its linear layers stored so, with the logits of one row that transformers computes with them.

    make.py [--bnb]

The rule is written out in numpy and was compared with bitsandbytes: identical bytes. With --bnb (needs torch and bitsandbytes)
the comparison is repeated; keep the inputs a multiple of 64, other sizes are dequantised wrongly by its AVX-512 code.
"""
import json
import pathlib
import sys

import numpy as np

NF4 = np.array([-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635,
                -0.18477343022823334, -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725,
                0.24611230194568634, 0.33791524171829224, 0.44070982933044434, 0.5626170039176941, 0.7229568362236023,
                1.0], np.float32)


def linspace32(a, b, n):
    """torch.linspace: float32, the second half counted from the end, a fused multiply-add."""
    a, b = np.float32(a), np.float32(b)
    step, i = (b - a) / np.float32(n - 1), np.arange(n)
    wide = np.float64
    return np.where(i < n // 2, wide(a) + wide(step) * i, wide(b) - wide(step) * (n - 1 - i)).astype(np.float32)


def dynamic_map():
    values = []
    for i in range(7):
        b = linspace32(0.1, 1, 2**i + 1)
        m = np.float32(10.0 ** (i - 6)) * ((b[:-1] + b[1:]) / np.float32(2))
        values += m.tolist() + (-m).tolist()
    return np.sort(np.array(values + [0.0, 1.0], np.float64)).astype(np.float32)


def quantize(w, block=64):
    flat = w.reshape(-1)
    x = np.concatenate([flat, np.zeros(-len(flat) % block, np.float32)]).reshape(-1, block)
    absmax = np.abs(x).max(1)
    s = np.clip(x * (np.float32(1) / np.maximum(absmax, np.float32(1e-38)))[:, None], -1, 1)
    q = np.searchsorted((NF4[1:] + NF4[:-1]) / np.float32(2), s.reshape(-1)[:len(flat)], side="left").astype(np.uint8)
    return (q[0::2] << 4) | q[1::2], absmax


def nested(absmax, block=256):
    offset = np.float32(absmax.mean(dtype=np.float32))
    d, code = absmax - offset, dynamic_map()
    x = np.concatenate([d, np.zeros(-len(d) % block, np.float32)]).reshape(-1, block)
    absmax2 = np.abs(x).max(1)
    q = np.searchsorted((code[1:] + code[:-1]) / np.float32(2), (x / absmax2[:, None]).reshape(-1)[:len(d)], side="left")
    return q.astype(np.uint8), absmax2, offset


rng = np.random.RandomState(0)
cases = []
for rows, columns, spread in ((8, 128, 0.05), (48, 384, 0.02)):
    w = (rng.standard_normal((rows, columns)) * spread).astype(np.float32)
    w = (w.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)  # bfloat16, so that the file stays small
    packed, absmax = quantize(w)
    codes, absmax2, offset = nested(absmax)
    cases.append({"shape": [rows, columns], "w": (w.reshape(-1).view(np.uint32) >> 16).tolist(),
                  "packed": packed.tolist(), "absmax": absmax.view(np.uint32).tolist(), "codes": codes.tolist(),
                  "absmax2": absmax2.view(np.uint32).tolist(), "offset": int(np.array([offset]).view(np.uint32)[0])})
    if "--bnb" in sys.argv:
        import bitsandbytes.functional as F
        import torch
        q, s = F.quantize_4bit(torch.tensor(w), quant_type="nf4", compress_statistics=True)
        print(np.array_equal(q.numpy().reshape(-1), packed), np.array_equal(s.absmax.numpy(), codes),
              np.array_equal(s.state2.absmax.numpy(), absmax2), s.offset.item() == float(offset),
              np.array_equal(s.state2.code.numpy(), dynamic_map()))


def checkpoint(folder):
    """Needs torch, transformers and safetensors."""
    import torch
    import transformers
    from safetensors.torch import load_file, save_file

    base = folder.parent / ".." / "families" / "qwen2"
    tensors, stored = load_file(base / "model.safetensors"), {}
    model = transformers.AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32, attn_implementation="eager").eval()
    for number, (name, tensor) in enumerate(sorted(tensors.items())):
        if not name.endswith("proj.weight"):
            stored[name] = tensor
            continue
        packed, absmax = quantize(tensor.float().numpy())
        state = {"quant_type": "nf4", "blocksize": 64, "dtype": "bfloat16", "shape": list(tensor.shape)}
        scales = absmax
        if number % 2:  # every other weight with double quantisation
            codes, absmax2, offset = nested(absmax)
            scales = (dynamic_map()[codes] * absmax2[np.arange(len(codes)) // 256] + offset).astype(np.float32)
            state |= {"nested_blocksize": 256, "nested_dtype": "float32", "nested_offset": float(offset)}
            stored[name + ".absmax"] = torch.tensor(codes)
            stored[name + ".nested_absmax"] = torch.tensor(absmax2)
            stored[name + ".nested_quant_map"] = torch.tensor(dynamic_map())
        else:
            stored[name + ".absmax"] = torch.tensor(absmax)
        stored[name] = torch.tensor(packed).reshape(-1, 1)
        stored[name + ".quant_map"] = torch.tensor(NF4)
        text = json.dumps(state).encode()
        stored[name + ".quant_state.bitsandbytes__nf4"] = torch.tensor(list(text), dtype=torch.uint8)
        q = np.stack([packed >> 4, packed & 15], 1).reshape(-1)
        values = torch.tensor(NF4[q] * scales[np.arange(len(q)) // 64]).reshape(tensor.shape).bfloat16().float()
        model.get_submodule(name.removesuffix(".weight")).weight.data = values
    folder.mkdir(exist_ok=True)
    save_file(stored, folder / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((base / "config.json").read_text())
    config["quantization_config"] = {
        "quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_quant_type": "nf4",
        "bnb_4bit_use_double_quant": True, "bnb_4bit_compute_dtype": "bfloat16", "bnb_4bit_quant_storage": "uint8"}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    ids = [7, 31, 4, 4, 18, 40, 22, 9, 13]
    logits = model(torch.tensor([ids])).logits[0]
    return {"ids": ids, "logits": [float(f"{x:.7g}") for x in logits.flatten().tolist()]}


record = {"checkpoint": checkpoint(pathlib.Path(__file__).parent / "checkpoint"), "map": dynamic_map().view(np.uint32).tolist(), "cases": cases}
path = pathlib.Path(__file__).parent / "nf4.json"
path.write_text(json.dumps(record, separators=(",", ":")) + "\n")
