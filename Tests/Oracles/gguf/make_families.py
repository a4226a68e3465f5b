"""Makes a random model of every family with settings that GGUF can express, each with a small tokenizer.

    make_families.py OUT

Run with torch and transformers installed. The tiny models of Tests/Oracles/families have odd settings on purpose, some of
which readers of GGUF derive otherwise; these have the settings real models have (SmolLM3 without rotation in every fourth
layer, Gemma's scores scaled by the size of a head). Compare them with compare_tensors.py and compare_answers.py.
"""
import json
import os
import pathlib
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")
import torch
from transformers import (AutoModelForCausalLM, Gemma2Config, Gemma3TextConfig, LlamaConfig, MistralConfig, Olmo2Config,
                          Phi3Config, Qwen2Config, Qwen3Config, SmolLM3Config)

OUT = pathlib.Path(sys.argv[1])
BASE = dict(vocab_size=264, hidden_size=64, intermediate_size=96, num_hidden_layers=4, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=256, bos_token_id=259, eos_token_id=260, pad_token_id=258)
GEMMA = dict(BASE, head_dim=16, query_pre_attn_scalar=16, sliding_window=8, tie_word_embeddings=True)


def theta(value=10000.0, **rest):
    return {"rope_theta": value, "rope_type": "default", **rest}


CASES = {
    "llama": (LlamaConfig, dict(BASE, tie_word_embeddings=False)),
    "llama3": (LlamaConfig, dict(BASE, tie_word_embeddings=True, rope_parameters=theta(
        500000.0, rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
        original_max_position_embeddings=64))),
    "llama-biases": (LlamaConfig, dict(BASE, attention_bias=True, mlp_bias=True, tie_word_embeddings=False)),
    "mistral": (MistralConfig, dict(BASE, sliding_window=None, head_dim=8, tie_word_embeddings=False)),
    "qwen2": (Qwen2Config, dict(BASE, tie_word_embeddings=True)),
    "qwen3": (Qwen3Config, dict(BASE, head_dim=32, tie_word_embeddings=True)),
    "smollm3": (SmolLM3Config, dict(BASE, no_rope_layer_interval=4, tie_word_embeddings=True)),
    "phi3": (Phi3Config, dict(BASE, tie_word_embeddings=False)),
    "olmo2": (Olmo2Config, dict(BASE, tie_word_embeddings=False)),
    "gemma2": (Gemma2Config, GEMMA),
    "gemma3": (Gemma3TextConfig, dict(GEMMA, num_hidden_layers=7, rope_parameters={
        "full_attention": theta(1000000.0, rope_type="linear", factor=8.0), "sliding_attention": theta(10000.0)})),
}


def tokenizer(folder):
    """Byte-level, cut as GPT-2 cuts: 256 bytes, two merged tokens, three special ones; three rows stay without a token."""
    keep = list(range(0x21, 0x7F)) + list(range(0xA1, 0xAD)) + list(range(0xAE, 0x100))
    letters = [chr(byte) for byte in keep] + [chr(256 + place) for place in range(256 - len(keep))]
    vocabulary = {letter: place for place, letter in enumerate(letters + ["th", "the"])}
    names = ("<pad>", "<s>", "</s>")
    for name in names:
        vocabulary[name] = len(vocabulary)
    added = [{"id": vocabulary[name], "content": name, "single_word": False, "lstrip": False, "rstrip": False,
              "normalized": False, "special": True} for name in names]
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    (folder / "tokenizer.json").write_text(json.dumps(
        {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": None,
         "pre_tokenizer": level, "post_processor": None, "decoder": level,
         "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                   "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                   "vocab": vocabulary, "merges": [["t", "h"], ["th", "e"]]}}))
    (folder / "tokenizer_config.json").write_text(json.dumps(
        {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}))


for name, (kind, settings) in CASES.items():
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(kind(**settings)).float()
    with torch.no_grad():
        for parameter in model.parameters():
            noise = torch.randn_like(parameter)
            # Rounded to bfloat16 before anything is computed, so that the file holds the numbers themselves.
            parameter.copy_((noise * 0.15 if parameter.dim() > 1 else parameter + noise * 0.2).bfloat16().float())
    model.bfloat16().save_pretrained(OUT / name)
    tokenizer(OUT / name)
