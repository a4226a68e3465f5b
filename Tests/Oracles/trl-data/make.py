"""Makes what TRL does with rows of every kind it takes: ids and labels, packed and not, and training curves on them.

Run with torch, transformers, trl, peft, datasets and tokenizers installed: python make.py [folder]
Writes model/ (a tiny random Llama in bfloat16 with a byte-level tokenizer of 340 tokens), KIND/train.jsonl and
KIND/validation.jsonl, and expected.json:
- prepared: by kind and packing, the ids and labels of every row or packed sequence of the training file;
- sequences: the rows of every sequence that `pack_dataset` makes of 2300 rows with the lengths of `length()`;
- runs: 50 optimizer steps with every loss and gradient norm, and the validation losses.

The template ends the generation prompt with an empty thought that a whole conversation does not have, so that the prompt
is no prefix; tokens of prompt and completion merge across the border in some rows.

Tolerances are those TRL uses on itself: every loss within 1e-3, mean difference below 1e-5; every gradient norm within
0.1, mean difference below 1e-3; validation losses within 1e-4. Ids, labels and sequences are equal.
"""
import json
import os
import sys
import tempfile

os.environ.setdefault("HF_HUB_OFFLINE", "1")
import peft
import torch
import transformers
import trl
from datasets import Dataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

torch.set_num_threads(1)
HERE = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
MAX_LENGTH = 48
TEMPLATE = (
    "{% for message in messages %}{{ '<|start|>' + message.role + '\n' }}"
    "{% if message.role == 'assistant' %}{% generation %}{{ message.content + '<|end|>' }}{% endgeneration %}{{ '\n' }}"
    "{% else %}{{ message.content + '<|end|>\n' }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start|>assistant\n<think>\n\n</think>\n\n' }}{% endif %}"
)
WORDS = "add a task to water the plants on friday and remind me twice when it rains in the morning please".split()
STRATEGIES = ("none", "bfd", "wrapped")


def words(start, step, count):
    return " ".join(WORDS[(start + k * step) % len(WORDS)] for k in range(count))


def kinds():
    """27 training rows and 7 validation rows of each kind, some longer than the maximum length."""
    rows = {"text": [], "prompts": [], "prompt-messages": [], "conversations": []}
    for i in range(34):
        asked, answered = words(i * 3, 1, 2 + i * 5 % 9), words(i * 5, 2, 1 + i * 7 % 11)
        long = words(i, 3, 60) if i % 9 == 4 else ""
        rows["text"].append({"text": f"{asked} {long}{answered}" + ("<|end|>" if i % 5 == 3 else "")})
        # The words in the middle are cut in two: the tokens of the whole differ from those of the parts.
        cut = len(asked) - 1 - i % 3
        rows["prompts"].append({
            "prompt": long + asked[:cut], "completion": asked[cut:] + " " + answered + ("<|end|>" if i % 6 == 2 else "")})
        turns = [{"role": "user", "content": asked}]
        if i % 3 == 0:
            turns = [{"role": "user", "content": words(i, 2, 3)}, {"role": "assistant", "content": words(i, 4, 2)}] + turns
        rows["prompt-messages"].append({
            "prompt": turns[:-1] + [{"role": "user", "content": long + asked}],
            "completion": [{"role": "assistant", "content": answered}]})
        rows["conversations"].append({"messages": turns + [{"role": "assistant", "content": answered + long}]})
    return {kind: (all_rows[:27], all_rows[27:]) for kind, all_rows in rows.items()}


def length(i):
    return 1 + i * i * 7 % 59


def make_model(path):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=340, special_tokens=["<|pad|>", "<|start|>", "<|end|>", "<|begin|>"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False)
    tokenizer.train_from_iterator([" ".join(WORDS) * 3, "user assistant"], trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<|begin|> $A", special_tokens=[("<|begin|>", tokenizer.token_to_id("<|begin|>"))])
    fast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<|begin|>", eos_token="<|end|>", pad_token="<|pad|>")
    fast.chat_template = TEMPLATE
    fast.save_pretrained(path)
    config = transformers.LlamaConfig(
        vocab_size=len(fast), hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=256, bos_token_id=fast.bos_token_id,
        eos_token_id=fast.eos_token_id, pad_token_id=fast.pad_token_id, tie_word_embeddings=True)
    torch.manual_seed(3)
    model = transformers.LlamaForCausalLM(config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.mul_(6)
    model.to(torch.bfloat16).save_pretrained(path)
    os.remove(os.path.join(path, "generation_config.json"))


def make_trainer(kind, strategy, rows, folder, **settings):
    adapter = peft.LoraConfig(r=4, lora_alpha=8, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM")
    packing = {} if strategy == "none" else {"packing": True, "packing_strategy": strategy}
    train, validation = rows
    return trl.SFTTrainer(
        os.path.join(HERE, "model"), train_dataset=Dataset.from_list(train), eval_dataset=Dataset.from_list(validation),
        peft_config=adapter,
        args=trl.SFTConfig(
            output_dir=folder, use_cpu=True, bf16=False, logging_steps=1, save_strategy="no", report_to="none",
            disable_tqdm=True, max_length=MAX_LENGTH, assistant_only_loss=kind == "conversations", **packing, **settings))


def write_lines(rows, path):
    with open(path, "w") as file:
        for row in rows:
            file.write(json.dumps(row) + "\n")


os.makedirs(os.path.join(HERE, "model"), exist_ok=True)
make_model(os.path.join(HERE, "model"))
record = {"made_with": {m.__name__: m.__version__ for m in (torch, transformers, trl, peft)}, "max_length": MAX_LENGTH,
          "prepared": {}, "runs": {}}
for kind, (train, validation) in kinds().items():
    os.makedirs(os.path.join(HERE, kind), exist_ok=True)
    write_lines(train, os.path.join(HERE, kind, "train.jsonl"))
    write_lines(validation, os.path.join(HERE, kind, "validation.jsonl"))
    for strategy in STRATEGIES:
        with tempfile.TemporaryDirectory() as folder:
            rows = make_trainer(kind, strategy, (train, validation), folder).train_dataset
        record["prepared"][f"{kind}/{strategy}"] = [
            {key: row[key] for key in ("input_ids", "labels", "seq_lengths") if key in row} for row in rows]

lengths = [length(i) for i in range(2300)]
packed = trl.pack_dataset(Dataset.from_dict({"row": [[i] * n for i, n in enumerate(lengths)]}), 64, "bfd")
record["sequences"] = [list(dict.fromkeys(row["row"])) for row in packed]

for kind, strategy in (("prompts", "none"), ("prompts", "bfd"), ("text", "bfd"), ("text", "wrapped")):
    settings = dict(
        per_device_train_batch_size=2, per_device_eval_batch_size=2, gradient_accumulation_steps=2, max_steps=50,
        learning_rate=5e-3, warmup_steps=2, lr_scheduler_type="cosine", weight_decay=0.1, max_grad_norm=0.5, seed=42)
    with tempfile.TemporaryDirectory() as folder:
        trainer = make_trainer(
            kind, strategy, kinds()[kind], folder, eval_strategy="steps", eval_steps=10, **settings)
        trainer.train()
    log = trainer.state.log_history
    record["runs"][f"{kind}/{strategy}"] = {
        "settings": settings,
        "steps": [[entry[key] for key in ("loss", "grad_norm", "learning_rate")] for entry in log if "loss" in entry],
        "evals": [[entry["step"], entry["eval_loss"]] for entry in log if "eval_loss" in entry]}
    print(kind, strategy, record["runs"][f"{kind}/{strategy}"]["steps"][-1], [e for e in log if "eval_loss" in e][-1])
with open(os.path.join(HERE, "expected.json"), "w") as file:
    json.dump(record, file, separators=(",", ":"))
    file.write("\n")
