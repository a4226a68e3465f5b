"""Answers questions with llama.cpp through llama-cpp-python, the likeliest token each time, for `hone verify-export`.

Standard input holds one JSON object: the GGUF file, the longest answer in tokens, threads, and the questions as token ids
with the text they were cut from and the answer of the evaluated model. Standard output carries one line per question:
llama.cpp's own answer, whether it came to its end, how many tokens of the evaluated model's answer it would have chosen as
well when led along it, and whether it cuts the text into the same ids. With --version, one line with the version.
"""
import json
import sys

import llama_cpp
import numpy


def main(asked):
    questions, limit = asked["questions"], asked["limit"]
    room = max(max(len(question["ids"]) + max(limit, len(question["wanted"])) for question in questions) + 1, 64)
    model = llama_cpp.Llama(
        asked["file"], n_ctx=room, n_threads=asked["threads"], n_threads_batch=asked["threads"], verbose=False)
    for question in questions:
        print(json.dumps(answer(model, question, limit)), flush=True)


def answer(model, question, limit):
    ids, ends = generated(model, question["ids"], limit)
    wanted = question["wanted"]
    if ids == wanted and ends == question["ends"]:
        agreed = len(wanted) + ends
    else:
        agreed = led(model, question["ids"], wanted, question["ends"])
    cut = model.tokenize(question["text"].encode(), add_bos=False, special=True)
    return {"ids": ids, "ends": ends, "agreed": agreed, "cuts_equally": cut == question["ids"]}


def generated(model, prompt, limit):
    model.reset()
    model.eval(prompt)
    ids = []
    while len(ids) < limit:
        token = likeliest(model)
        if is_end(model, token):
            return ids, True
        ids.append(token)
        if len(ids) < limit:
            model.eval([token])
    return ids, False


def led(model, prompt, wanted, ends):
    """Tokens of the wanted answer the model would choose, each given the wanted ones before it."""
    model.reset()
    model.eval(prompt)
    agreed = 0
    for token in wanted:
        agreed += likeliest(model) == token
        model.eval([token])
    return agreed + (1 if ends and is_end(model, likeliest(model)) else 0)


def likeliest(model):
    logits = llama_cpp.llama_get_logits_ith(model.ctx, -1)
    return int(numpy.ctypeslib.as_array(logits, shape=(model.n_vocab(),)).argmax())


def is_end(model, token):
    """As llama.cpp itself decides it."""
    return bool(llama_cpp.llama_vocab_is_eog(llama_cpp.llama_model_get_vocab(model.model), token))


if sys.argv[1:] == ["--version"]:
    print(json.dumps({"version": llama_cpp.__version__}))
else:
    try:
        main(json.load(sys.stdin))
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}))
        sys.exit(1)
