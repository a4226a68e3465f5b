"""Tokens per second and peak memory of LoRA training with TRL and PEFT on this CPU, for a model of SmolLM2-135M's shape with
random weights: rank 16 on all linear layers, rows of one length, two fifths of each targets.

usage: peer.py fp32|bf16 ROWS_PER_MICRO_BATCH ROW_TOKENS STEPS     needs torch, transformers, peft, trl, datasets
"""
import json
import resource
import statistics
import sys
import tempfile
import time

import torch
from datasets import Dataset
from peft import LoraConfig
from tokenizers import Tokenizer, models
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, TrainerCallback
from trl import SFTConfig, SFTTrainer

precision, rows, length, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
vocabulary = 49152
torch.manual_seed(0)
model = LlamaForCausalLM(LlamaConfig(
    vocab_size=vocabulary, hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
    num_key_value_heads=3, max_position_embeddings=8192, tie_word_embeddings=True, attn_implementation="sdpa"))
if precision == "bf16":
    model = model.to(torch.bfloat16)

# A tokenizer is asked for its special tokens only: the rows are token ids.
words = Tokenizer(models.WordLevel({"<pad>": 0, "<end>": 1}, unk_token="<pad>"))
tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, eos_token="<end>", pad_token="<pad>")
targets = int(length * 0.4)
ids = torch.randint(2, vocabulary, (rows * (steps + 1), length)).tolist()
data = Dataset.from_list(
    [{"input_ids": row, "completion_mask": [0] * (length - targets) + [1] * targets} for row in ids])


class Clock(TrainerCallback):
    def __init__(self):
        self.seconds = []

    def on_step_begin(self, *_, **__):
        self.began = time.perf_counter()

    def on_step_end(self, *_, **__):
        self.seconds.append(time.perf_counter() - self.began)


clock = Clock()
settings = SFTConfig(
    output_dir=tempfile.mkdtemp(), per_device_train_batch_size=rows, max_steps=steps, max_length=length, use_cpu=True,
    bf16=False, gradient_checkpointing=False, save_strategy="no", report_to=[], disable_tqdm=True, learning_rate=2e-4)
SFTTrainer(
    model=model, args=settings, train_dataset=data, processing_class=tokenizer, callbacks=[clock],
    peft_config=LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")).train()
print(json.dumps({
    "precision": precision, "micro_batch": rows, "tokens_per_second": rows * length / statistics.median(clock.seconds[1:]),
    "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, "threads": torch.get_num_threads()}))
