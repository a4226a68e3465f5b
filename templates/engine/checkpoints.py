"""Checkpoints under the names hone looks for, and the result they become."""
import pathlib
import shutil

from run_folder import RANK, RUN

CHECKPOINTS = RUN / "checkpoints"


def checkpoint_path(step):
    return CHECKPOINTS / f"step-{step:06d}"


def prune(settings, run):
    """Removes the oldest beyond the limit, never the newest and never the best."""
    limit = settings["save_total_limit"]
    best = run.progress["best"] if settings["early_stopping_patience"] is not None else None
    folders = sorted(CHECKPOINTS.glob("step-*"))
    for folder in folders[:-1]:
        if limit is None or len(folders) <= max(1, limit):
            break
        if best is None or folder != checkpoint_path(best["global_step"]):
            shutil.rmtree(folder)
            folders.remove(folder)


def remove_partial():
    if RANK == 0:
        for folder in CHECKPOINTS.glob("checkpoint-*"):
            shutil.rmtree(folder)


def publish(settings, contract, checkpoint):
    """The adapter, or the tuned model, where hone's evaluation looks for it, with the tokenizer it was trained with."""
    target = RUN / ("adapter" if settings["lora"] is not None else "model")
    wanted = ("adapter_model", "adapter_config") if settings["lora"] is not None else ("model", "config", "generation_config")
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    for file in checkpoint.iterdir():
        if file.name.startswith(wanted):
            shutil.copyfile(file, partial / file.name)
    for name in settings["tokenizer_files"]:
        (partial / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(pathlib.Path(settings["model"]) / name, partial / name)
    training = (contract["template"] or {}).get("training")
    if training is not None:
        (partial / "training_chat_template.jinja").write_text(training)
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
