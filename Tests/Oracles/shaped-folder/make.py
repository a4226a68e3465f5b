"""Makes an ordinary model folder with random weights in the shape of a well-known model, to train on.

    make.py FOLDER [qwen2.5-0.5b | llama-3.2-0.2b] [TOKENIZER_FOLDER]

Needs torch, transformers and tokenizers. Sharded bfloat16 safetensors, a tokenizer (a byte-level BPE made here, or the one of
TOKENIZER_FOLDER) and a ChatML template. Random weights learn nothing of use: the folder shows that a real shape is read,
trained, scored and merged, and how much memory and time that takes.

    hone train plan.yaml        # model: FOLDER
"""
import pathlib
import sys

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

SHAPES = {
    "qwen2.5-0.5b": (transformers.Qwen2Config, dict(
        vocab_size=151936, hidden_size=896, intermediate_size=4864, num_hidden_layers=24, num_attention_heads=14,
        num_key_value_heads=2, max_position_embeddings=32768, tie_word_embeddings=True,
        rope_parameters={"rope_theta": 1000000.0, "rope_type": "default"})),
    "llama-3.2-0.2b": (transformers.LlamaConfig, dict(
        vocab_size=128256, hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12,
        num_key_value_heads=4, max_position_embeddings=131072, tie_word_embeddings=True,
        rope_parameters={"rope_theta": 500000.0, "rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0,
                         "high_freq_factor": 4.0, "original_max_position_embeddings": 8192})),
}
TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' }}{% if message.role == 'assistant' %}"
    "{% generation %}{{ message.content + '<|im_end|>' }}{% endgeneration %}{{ '\n' }}{% else %}"
    "{{ message.content + '<|im_end|>\n' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")

folder = pathlib.Path(sys.argv[1])
kind, settings = SHAPES[sys.argv[2] if len(sys.argv) > 2 else "qwen2.5-0.5b"]
specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
if len(sys.argv) > 3:
    tokenizer = Tokenizer.from_file(sys.argv[3] + "/tokenizer.json")
else:
    tokenizer = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
tokenizer.add_special_tokens(specials)
fast = transformers.PreTrainedTokenizerFast(
    tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>")
fast.chat_template = TEMPLATE
fast.save_pretrained(folder)
torch.manual_seed(0)
config = kind(**settings, bos_token_id=None, eos_token_id=fast.eos_token_id, pad_token_id=fast.pad_token_id)
model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
model.save_pretrained(folder, max_shard_size="300MB")
print(sum(p.numel() for p in model.parameters()), "parameters in", folder)
