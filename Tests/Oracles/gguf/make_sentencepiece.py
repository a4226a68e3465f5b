"""Makes two tiny Llama-shaped models with a SentencePiece-BPE tokenizer, random weights and a chat template.

    make_sentencepiece.py OUT ROWS.jsonl

Run with torch, transformers and sentencepiece installed. ROWS holds conversations; their texts are what the vocabulary of 600
pieces is trained on, with byte fallback. Both models share pieces and weights and differ in how tokenizer.json says that a
text begins with a space: `normalizer` as Llama 2's file does (before every piece between special tokens), `metaspace` as
transformers 5 writes it (only where the text begins). Compare them with compare_sentencepiece.py and compare_answers.py.
"""
import json
import os
import pathlib
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")
import sentencepiece
import torch
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaTokenizer

OUT, ROWS = pathlib.Path(sys.argv[1]), sys.argv[2]
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}"
    "{{ '[INST] ' + message['content'] + ' [/INST]' }}{% else %}{{ ' ' + message['content'] + ' ' + eos_token }}"
    "{% endif %}{% endfor %}")

rows = [json.loads(line) for line in open(ROWS, encoding="utf-8")][:400]
texts = [message["content"] for row in rows for message in row["messages"]]
OUT.mkdir(parents=True, exist_ok=True)
sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter(texts), model_prefix=str(OUT / "tokenizer"), vocab_size=600, model_type="bpe",
    byte_fallback=True, unk_id=0, bos_id=1, eos_id=2, pad_id=-1, normalization_rule_name="identity",
    remove_extra_whitespaces=False, split_digits=True, allow_whitespace_only_pieces=True)
tokenizer = LlamaTokenizer.from_pretrained(OUT)

torch.manual_seed(0)
config = LlamaConfig(
    vocab_size=600, hidden_size=64, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=512, bos_token_id=1, eos_token_id=2, tie_word_embeddings=False)
model = AutoModelForCausalLM.from_config(config).float()
with torch.no_grad():
    for parameter in model.parameters():
        noise = torch.randn_like(parameter)
        # Rounded to bfloat16 before anything is computed, so that the file holds the numbers themselves.
        parameter.copy_((noise * 0.15 if parameter.dim() > 1 else parameter + noise * 0.2).bfloat16().float())
model = model.bfloat16()

for name in ("metaspace", "normalizer"):
    folder = OUT / name
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    file = json.loads((folder / "tokenizer.json").read_text())
    if name == "normalizer":
        file["pre_tokenizer"] = None
        file["normalizer"] = {"type": "Sequence", "normalizers": [
            {"type": "Prepend", "prepend": "\u2581"}, {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]}
    file["post_processor"] = {
        "type": "TemplateProcessing", "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}}
    (folder / "tokenizer.json").write_text(json.dumps(file, ensure_ascii=False))
    (folder / "tokenizer_config.json").write_text(json.dumps(
        {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}))
    (folder / "chat_template.jinja").write_text(TEMPLATE)
