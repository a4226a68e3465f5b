"""New tokens per second of greedy decoding with transformers on this CPU, for a model of SmolLM2-135M's shape with random
weights; reading the prompts counts too.

usage: peer_decode.py fp32|bf16 PROMPTS PROMPT_TOKENS NEW_TOKENS     needs torch, transformers
"""
import json
import resource
import sys
import time

import torch
from transformers import LlamaConfig, LlamaForCausalLM

precision, prompts, length, new = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
vocabulary = 49152
torch.manual_seed(0)
model = LlamaForCausalLM(LlamaConfig(
    vocab_size=vocabulary, hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
    num_key_value_heads=3, max_position_embeddings=8192, tie_word_embeddings=True, attn_implementation="sdpa")).eval()
if precision == "bf16":
    model = model.to(torch.bfloat16)
ids = torch.randint(2, vocabulary, (prompts, length))


def seconds(count):
    start = time.perf_counter()
    with torch.no_grad():
        model.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=count, min_new_tokens=count, do_sample=False,
            pad_token_id=0, eos_token_id=None)
    return time.perf_counter() - start


seconds(2)
first, whole = seconds(1), seconds(new)
print(json.dumps({
    "precision": precision, "prompts": prompts, "tokens_per_second": round(prompts * new / whole, 1),
    "after_the_prompt": round(prompts * (new - 1) / (whole - first), 1), "threads": torch.get_num_threads(),
    "peak_rss_gb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2), "torch": torch.__version__}))
