"""The token contract: what hone's own encoder makes of 32 rows, computed again with the tokenizer of this engine.

A model trained on other tokens than it is asked with answers worse without any error. So nothing is trained before
transformers' tokenizer and template give the ids and loss masks that hone gives, and the first loss is hone's too.
"""
import hashlib
import importlib.metadata
import json
import re


class ContractBroken(Exception):
    def __init__(self, what, hint):
        super().__init__(what)
        self.hint = hint


def check_versions(contract):
    """Every pinned package is there, with the minor version the engine was tried with."""
    for name, wanted in contract["versions"].items():
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            raise ContractBroken(f"{name} is not installed", "pip install -r engine/requirements.txt") from None
        exact = wanted.startswith("==")
        wanted = wanted[2:]
        ours, theirs = [tuple(map(int, re.findall(r"\d+", v)[:2])) for v in (wanted, found)]
        if (theirs != ours) if exact else (theirs < ours):
            raise ContractBroken(
                f"{name} is {found}, and the engine was tried with {wanted}",
                "pip install -r engine/requirements.txt")


def check_tokens(contract, tokenizer, model_folder):
    """Hashes, special tokens, and ids and masks of every row of the contract."""
    _check_tokenizer(contract, tokenizer, model_folder)
    for row in contract["rows"]:
        ids, mask = encode(row, tokenizer, contract)
        _compare(row, ids, mask, tokenizer)


def check_packing(contract, collator, rows):
    """One micro-batch through TRL's own collator: where rows begin, and what is learnt."""
    packing = contract["packing"]
    batch = collator([rows[place] for place in packing["micro_batch"]])
    if "position_ids" in batch:
        starts = (batch["position_ids"][0] == 0).nonzero().flatten().tolist()
        tokens = batch["input_ids"].numel()
    else:
        lengths = batch["attention_mask"].sum(dim=1).tolist()
        starts = [sum(lengths[:place]) for place in range(len(lengths))]
        tokens = sum(lengths)
    targets = int((batch["labels"][..., 1:] != -100).sum())
    found = {"starts": starts, "tokens": tokens, "targets": targets}
    for key, value in found.items():
        if value != packing[key]:
            raise ContractBroken(
                f"packing differs: {key} of the first micro-batch are {value} here and {packing[key]} in hone",
                "train with the bundled engine, and report this")


def check_loss(contract, loss):
    """The untrained model on the rows of the first step."""
    wanted = contract["untrained_loss"]
    if wanted is None or abs(loss - wanted["value"]) <= wanted["tolerance"]:
        return
    raise ContractBroken(
        f"the first batch has the loss {loss:.4f} here and {wanted['value']:.4f} in hone, "
        f"further apart than {wanted['tolerance']:g}",
        "the tokens agree, so the weights differ: check that the model folder is the one the plan was made with")


def encode(row, tokenizer, contract):
    """Ids and loss mask of one row, as TRL would prepare it: with transformers' own tokenizer and template."""
    as_trl = contract["compat"] == "trl"
    if "text" in row:
        ids = tokenizer(_ended(row["text"], tokenizer) if as_trl else row["text"]).input_ids
        end = contract["special_tokens"]["eos"]
        if not as_trl and end is not None and (not ids or ids[-1] != end):
            ids = ids + [end]
        mask = [1] * len(ids)
    elif as_trl and (row["is_plain"] or "prompt_messages" in row):
        ids, mask = _encode_completion(row, tokenizer)
    else:
        ids, mask = _encode_chat(row, tokenizer, contract)
    if contract["loss_on_prompts"] and row["part"] != "test":
        mask = [1] * len(ids)
    end = contract["max_length"] if contract["cuts_rows"] else None
    return ids[:end], mask[:end]


def _ended(text, tokenizer):
    end = tokenizer.eos_token
    return text if end is None or text.endswith(end) else text + end


def _encode_completion(row, tokenizer):
    """TRL's completion mask: whatever follows the tokens that the prompt alone begins with as well."""
    messages, tools = row["messages"], row.get("tools") or None
    if row["is_plain"]:
        prompt, completion = (message["content"] for message in messages)
        alone = tokenizer(prompt).input_ids
        ids = tokenizer(prompt + _ended(completion, tokenizer)).input_ids
    else:
        prompt = messages[: row["prompt_messages"]]
        alone = tokenizer.apply_chat_template(
            prompt, tools=tools, add_generation_prompt=True, return_dict=True)["input_ids"]
        ids = tokenizer.apply_chat_template(messages, tools=tools, return_dict=True)["input_ids"]
    shared = 0
    while shared < min(len(alone), len(ids)) and alone[shared] == ids[shared]:
        shared += 1
    return ids, [0] * shared + [1] * (len(ids) - shared)


def _encode_chat(row, tokenizer, contract):
    messages, tools = row["messages"], row.get("tools") or None
    # For a template that marks no answers hone has made one that does: it must write the very same tokens.
    training = None
    if not contract["template"]["marks_generation"]:
        training = contract["template"]["training_with_tools" if tools else "training"]
    found = tokenizer.apply_chat_template(
        messages, tools=tools, return_dict=True, return_assistant_tokens_mask=True, chat_template=training)
    ids, mask = found["input_ids"], found["assistant_masks"]
    if training is not None:
        ids = tokenizer.apply_chat_template(messages, tools=tools, return_dict=True)["input_ids"]
    return ids, _keep_trained(mask, row["trained"])


def _keep_trained(mask, trained):
    """Answers of weight 0 are not learnt; each answer is one run of targets."""
    if all(trained):
        return mask
    kept, run = list(mask), -1
    for place, is_target in enumerate(mask):
        if is_target:
            run += place == 0 or not mask[place - 1]
            kept[place] = int(trained[run])
    return kept


def _check_tokenizer(contract, tokenizer, model_folder):
    same = "the model folder changed since the run was made: make a new run, or bring the old files back"
    found = hashlib.sha256((model_folder / "tokenizer.json").read_bytes()).hexdigest()
    if found != contract["tokenizer"]["sha256"]:
        raise ContractBroken("tokenizer.json is not the one the rows were encoded with", same)
    if contract["template"] is not None:
        source = tokenizer.chat_template
        if isinstance(source, dict):
            source = source.get("default", "")
        if hashlib.sha256((source or "").encode()).hexdigest() != contract["template"]["sha256"]:
            raise ContractBroken("the chat template is not the one the rows were encoded with", same)
    for name, wanted in contract["special_tokens"].items():
        found = getattr(tokenizer, name + "_token_id")
        if wanted is not None and found != wanted:
            raise ContractBroken(
                f"the {name} token is {found} for transformers and {wanted} for hone",
                f"write `{name}_token` into tokenizer_config.json of the model")


def _compare(row, ids, mask, tokenizer):
    where = f"row {row['line']} of the {row['part']} rows"
    for place, (found, wanted) in enumerate(zip(ids, row["input_ids"])):
        if found != wanted:
            raise ContractBroken(
                f"{where}, token {place}: {_show(found, tokenizer)} here, {_show(wanted, tokenizer)} in hone",
                _cause(tokenizer))
    if len(ids) != len(row["input_ids"]):
        raise ContractBroken(
            f"{where}: {len(ids)} tokens here, {len(row['input_ids'])} in hone, equal up to the shorter", _cause(tokenizer))
    for place, (found, wanted) in enumerate(zip(mask, row["loss_mask"])):
        if found != wanted:
            learnt = "is learnt here and not in hone" if found else "is learnt in hone and not here"
            raise ContractBroken(
                f"{where}, token {place} ({_show(ids[place], tokenizer)}): it {learnt}",
                "the loss mask differs: check the {% generation %} parts of the chat template")


def _show(token, tokenizer):
    return f"{token} {json.dumps(tokenizer.convert_ids_to_tokens(token), ensure_ascii=False)}"


def _cause(tokenizer):
    return (
        f"transformers builds {type(tokenizer).__name__} and need not read all of tokenizer.json: "
        "set `tokenizer_class` to PreTrainedTokenizerFast in tokenizer_config.json, or train with the bundled engine")
