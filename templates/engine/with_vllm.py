"""Answers with vLLM: prompts as token ids, the likeliest token each time, the adapter put on per request."""
import pathlib

from run_folder import RUN


def answered(settings, questions, how):
    """Each arm with its answers, before and after training."""
    import torch
    from vllm import LLM

    def load(folder, **more):
        return LLM(
            model=folder, dtype=settings["dtype"], seed=0, tensor_parallel_size=torch.cuda.device_count(), **more)

    if settings["lora"] is None:
        for arm, folder in (("base", settings["model"]), ("tuned", str(RUN / "model"))):
            model = load(folder)
            yield arm, answer(arm, model, questions, how)
            # The next one needs its memory.
            del model
            torch.cuda.empty_cache()
        return
    from vllm.lora.request import LoRARequest

    model = load(settings["model"], enable_lora=True, max_lora_rank=rank_with_room(settings["lora"]["r"]))
    yield "base", answer("base", model, questions, how)
    yield "tuned", answer("tuned", model, questions, how, LoRARequest("tuned", 1, str(pathlib.Path(RUN / "adapter"))))


def rank_with_room(rank):
    """vLLM reserves for one of these ranks."""
    return next((size for size in (8, 16, 32, 64, 128, 256, 320, 512) if size >= rank), rank)


def answer(arm, model, questions, how, adapter=None):
    """One line per question, in their order: the ids of the answer, whether it came to its end, and its loss."""
    from vllm import SamplingParams

    answers = [{"ids": None, "is_stopped": False, "loss": None, "tokens": 0} for _ in questions]
    asked = [place for place, question in enumerate(questions) if question["prompt"]]
    greedy = SamplingParams(
        temperature=0, max_tokens=how["max_new_tokens"], stop_token_ids=how["stop_ids"], detokenize=False)
    found = generated(model, [questions[place]["prompt"] for place in asked], greedy, adapter)
    stops = set(how["stop_ids"])
    for place, output in zip(asked, found):
        ids = list(output.outputs[0].token_ids)
        end = next((at for at, token in enumerate(ids) if token in stops), None)
        answers[place].update(ids=ids if end is None else ids[:end], is_stopped=end is not None)
    print(arm, len(asked), len(asked), flush=True)
    measured = [place for place, question in enumerate(questions) if question["input_ids"]]
    # The log-probability of every token of the row; one new token is the least that can be asked for.
    reading = SamplingParams(temperature=0, max_tokens=1, prompt_logprobs=0, detokenize=False)
    found = generated(model, [questions[place]["input_ids"] for place in measured], reading, adapter)
    for place, output in zip(measured, found):
        answers[place]["loss"], answers[place]["tokens"] = loss(questions[place], output.prompt_logprobs)
    return answers


def generated(model, prompts, sampling, adapter):
    return model.generate([{"prompt_token_ids": ids} for ids in prompts], sampling, lora_request=adapter, use_tqdm=False)


def loss(question, logprobs):
    """Sum of the losses of the target tokens, and their number; the first token has nothing before it."""
    targets = [place for place, wanted in enumerate(question["loss_mask"]) if wanted and place > 0]
    ids = question["input_ids"]
    return -sum(logprobs[place][ids[place]].logprob for place in targets), len(targets)
