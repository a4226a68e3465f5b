"""Answers with transformers, on one accelerator or several, or on the processor."""
from model import load_model
from run_folder import RUN


def answered(settings, questions, how):
    """Each arm with its answers, before and after training."""
    import torch

    torch.set_num_threads(settings["threads"])
    if settings["lora"] is None:
        for arm, folder in (("base", settings["model"]), ("tuned", str(RUN / "model"))):
            yield arm, answer(arm, load(dict(settings, model=folder)), questions, how)
        return
    from peft import PeftModel

    model = PeftModel.from_pretrained(load(settings), str(RUN / "adapter"))
    with model.disable_adapter():
        yield "base", answer("base", model, questions, how)
    yield "tuned", answer("tuned", model, questions, how)


def load(settings):
    """On one accelerator, or spread over those there are."""
    import torch

    model = load_model(settings)
    if not settings["sft"]["use_cpu"] and settings["quantization"] is None:
        from accelerate import dispatch_model, infer_auto_device_map

        if torch.cuda.device_count() > 1:
            return dispatch_model(model, infer_auto_device_map(model, no_split_module_classes=model._no_split_modules))
        model = model.cuda()
    return model


def answer(arm, model, questions, how):
    """One line per question, in their order: the ids of the answer, whether it came to its end, and its loss."""
    import torch

    model.eval()
    device = next(model.parameters()).device
    answers = [{"ids": None, "is_stopped": False, "loss": None, "tokens": 0} for _ in questions]
    asked = [place for place, question in enumerate(questions) if question["prompt"]]
    # Rows of like length together, so that little is padded.
    asked.sort(key=lambda place: len(questions[place]["prompt"]))
    with torch.inference_mode():
        for start in range(0, len(asked), how["batch"]):
            places = asked[start:start + how["batch"]]
            found = generated(model, [questions[place]["prompt"] for place in places], how, device)
            for place, (ids, is_stopped) in zip(places, found):
                answers[place].update(ids=ids, is_stopped=is_stopped)
            print(arm, start + len(places), len(asked), flush=True)
        for place, question in enumerate(questions):
            if question["input_ids"]:
                answers[place]["loss"], answers[place]["tokens"] = loss(model, question, device)
    return answers


def generated(model, prompts, how, device):
    import torch
    from transformers import GenerationConfig

    longest, pad = max(map(len, prompts)), how["stop_ids"][0] if how["stop_ids"] else 0
    ids = torch.tensor([[pad] * (longest - len(prompt)) + prompt for prompt in prompts], device=device)
    mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=device)
    # The model's own generation settings may sample or penalise; hone's are greedy.
    config = GenerationConfig(
        do_sample=False, max_new_tokens=how["max_new_tokens"], eos_token_id=how["stop_ids"] or None, pad_token_id=pad)
    output = model.generate(input_ids=ids, attention_mask=mask, generation_config=config)
    stops = set(how["stop_ids"])
    for row in output[:, longest:].tolist():
        end = next((place for place, token in enumerate(row) if token in stops), None)
        yield (row, False) if end is None else (row[:end], True)


def loss(model, question, device):
    """Sum of the losses of the target tokens, in 32 bits, and their number."""
    import torch

    ids = torch.tensor([question["input_ids"]], device=device)
    wanted = torch.tensor(question["loss_mask"][1:], dtype=torch.bool, device=device)
    logits = model(input_ids=ids).logits[0, :-1][wanted].float()
    return torch.nn.functional.cross_entropy(logits, ids[0, 1:][wanted], reduction="sum").item(), int(wanted.sum())
