"""Trains what hone planned, with TRL's SFTTrainer. Written into the run folder by hone; `launch.sh` starts it.

The rows in train.jsonl are token ids with their loss mask, and order.jsonl says which of them make up which optimizer
step: split, general rows, packing, curriculum and shuffling are hone's own, so they are equal on every engine. TRL
brings model, adapter, loss, optimizer and the many ways of sharing work. settings.json holds its arguments by its own
names. Nothing here reads the network, and nothing prints the environment.
"""
import os
import pathlib
import sys
import traceback

os.environ.update({"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"})

import contract as token_contract
from failures import EngineError, explain
from rows import Run
from run_folder import RANK, Events, Lock, StopRequest, read_json


def main(settings, contract, events, stop):
    # Versions first: nothing of the packages is imported before.
    token_contract.check_versions(contract)
    import torch
    from transformers import AutoTokenizer

    if not settings["sft"]["use_cpu"] and torch.cuda.device_count() == 0:
        raise EngineError(
            "the plan wants accelerators and this machine shows none to torch",
            "check nvidia-smi, or set `launch.gpus_per_node=0` to train on the processor")
    torch.set_num_threads(settings["threads"])
    tokenizer = AutoTokenizer.from_pretrained(settings["model"])
    token_contract.check_tokens(contract, tokenizer, pathlib.Path(settings["model"]))

    from trainer import make_trainer

    run = Run(settings)
    checkpoint = run.newest_checkpoint(events)
    trainer = make_trainer(settings, contract, tokenizer, run, events, stop)
    token_contract.check_packing(contract, trainer.data_collator, run.train)
    if checkpoint is None:
        trainer.train()
    else:
        trainer.train(resume_from_checkpoint=str(checkpoint))
    trainer.finish()


if __name__ == "__main__":
    events, stop = Events(), StopRequest()
    lock = Lock() if RANK == 0 else None
    settings = read_json("settings.json")
    try:
        main(settings, read_json("contract.json"), events, stop)
    except BaseException as error:
        traceback.print_exc()
        events.fail(*explain(error, settings))
        # Without its cleanup: a process group that has lost a member would wait for it.
        sys.stderr.flush()
        os._exit(3 if type(error).__name__ == "ContractBroken" else 1)
