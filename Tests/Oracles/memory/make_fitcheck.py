"""What fitcheck-llm 0.3.1 (PyPI, MIT) says about the rows of measurements.csv that it covers, as fitcheck.csv.

    pip install fitcheck-llm==0.3.1 pyyaml && python make_fitcheck.py

It covers LoRA and QLoRA of dense decoders on one device. Its total is process memory; 141 MiB of context are taken off
where the row holds reserved memory. Architectures come from rules/tables/architectures.yaml.
"""
import csv
import pathlib
import re

import yaml
from fitcheck import ModelConfig, TrainingConfig, estimate, get_gpu

HERE = pathlib.Path(__file__).parent
TARGETS = {"q": "q_proj", "k": "k_proj", "v": "v_proj", "o": "o_proj"}
ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
GPUS = {"T4": "t4", "A100-40GB": "a100-40", "A100-80GB": "a100-80", "A10G": "a10", "RTX 4090": "4090"}


def stem(name):
    parts = re.split(r"[-_]", name.split("/")[-1].split(" ")[0].lower())
    drop = {"instruct", "chat", "hf", "it", "base", "meta"}
    return "-".join(p for p in parts if p not in drop and not re.fullmatch(r"v[\d.]+", p))


def architectures():
    table = yaml.safe_load((HERE / "../../../rules/tables/architectures.yaml").read_text())
    known = {}
    for row in table["rows"]:
        for name in row["names"]:
            if row["kind"] == "dense" and row["gated"]:
                known.setdefault(stem(name), row)
    return known


def parameters(row):
    attention = row["hidden"] * row["head_size"] * (2 * row["heads"] + 2 * row["key_value_heads"])
    blocks = row["layers"] * (attention + 3 * row["hidden"] * row["inner"])
    heads = row["vocabulary"] * row["hidden"] * (1 if row["tied"] else 2)
    return blocks + heads + row["layers"] * 2 * row["hidden"] + row["hidden"]


def predict(run, row):
    if run["method"] not in ("LoRA", "QLoRA", "LoRA-8bit") or run["n_gpus"] != "1" or run["gpu"] not in GPUS:
        return None
    quantisation = {"none": "none", "nf4": "nf4", "nf4-dq": "nf4", "int8": "int8"}.get(run["base_quant"])
    if quantisation is None or not run["seq_len"] or not run["micro_batch"]:
        return None
    words = run["target_modules"].replace(" (litgpt default)", "").split(",")
    targets = [TARGETS[w] for w in words if w in TARGETS] if set(words) <= set(TARGETS) else ALL
    config = ModelConfig(
        run["model"], parameters(row), row["hidden"], row["layers"], row["heads"], row["key_value_heads"], row["inner"],
        row["vocabulary"], row["head_size"], row["tied"])
    training = TrainingConfig(
        precision="fp16" if run["precision"].startswith("fp16") else "bf16", quantization=quantisation,
        double_quant=run["base_quant"] == "nf4-dq", batch_size=int(run["micro_batch"]), seq_len=int(run["seq_len"]),
        lora_rank=int(run["rank"] or 16), lora_targets=targets, grad_checkpoint=not run["grad_ckpt"].startswith("no"),
        flash_attn="eager" not in run["attn_impl"])
    total = estimate(config, training, get_gpu(GPUS[run["gpu"]])).total_mib
    return (total - (141 if "reserved" in run["metric"] else 0)) / 1024


def main():
    known = architectures()
    lines, failed = [], {}
    for run in csv.DictReader(open(HERE / "measurements.csv")):
        row = known.get(stem(run["model"]))
        if row is None:
            continue
        try:
            guess = predict(run, row)
        except (ValueError, KeyError) as error:
            failed[str(error)] = failed.get(str(error), 0) + 1
            continue
        if guess is not None:
            lines.append(f"{run['id']},{guess:.3f}")
    (HERE / "fitcheck.csv").write_text("id,predicted_gib\n" + "\n".join(lines) + "\n")
    print(len(lines), "rows;", failed)


if __name__ == "__main__":
    main()
