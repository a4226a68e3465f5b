"""Trains what hone planned, with TRL's SFTTrainer. Written into the run folder by hone; `launch.sh` starts it.

The rows in train.jsonl are token ids with their loss mask, and order.jsonl says which of them make up which optimizer
step: split, general rows, packing, curriculum and shuffling are hone's own, so they are equal on every engine. TRL
brings model, adapter, loss, optimizer and the many ways of sharing work. settings.json holds its arguments by its own
names. Nothing here reads the network, and nothing prints the environment.
"""
import json
import math
import os
import pathlib
import shutil
import sys
import traceback

os.environ.update({"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"})

from run_folder import ENGINE, RANK, RUN, WORLD, Clock, Events, Lock, StopRequest, peak_resident_bytes, read_json, read_lines

IGNORED = -100
CHECKPOINTS = RUN / "checkpoints"


def main(settings, contract, events, stop):
    import contract as token_contract

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

    run = Run(settings)
    checkpoint = run.newest_checkpoint(events)
    trainer = make_trainer(settings, contract, tokenizer, run, events, stop)
    token_contract.check_packing(contract, trainer.data_collator, run.train)
    if checkpoint is None:
        trainer.train()
    else:
        trainer.train(resume_from_checkpoint=str(checkpoint))
    trainer.finish()


class EngineError(Exception):
    def __init__(self, what, hint=None):
        super().__init__(what)
        self.hint = hint


class Run:
    """Rows, their order, and where training stands beside the weights."""

    def __init__(self, settings):
        self.train = [labelled(row) for row in read_lines("train.jsonl")]
        self.validation = [labelled(row) for row in read_lines("validation.jsonl")]
        self.steps = read_lines("order.jsonl")
        # With `compat: trl` the validation loss is a mean over batches, which hone lays out.
        batches = ENGINE / "validation_batches.jsonl"
        self.validation_batches = read_lines(batches.name) if batches.exists() else None
        self.identity = settings["identity"]
        self.progress = {"global_step": 0, "seconds": 0.0, "best": None, "looks_since_best": 0}
        self.resumed_from = None

    def newest_checkpoint(self, events):
        """Goes back to the newest checkpoint that is whole; one of another plan or other data is refused."""
        CHECKPOINTS.mkdir(exist_ok=True)
        for folder in sorted(CHECKPOINTS.glob("step-*"), reverse=True):
            try:
                kept = json.loads((folder / "state.json").read_text())
            except (OSError, ValueError):
                events.write("warning", id="checkpoint_damaged", text=f"{folder} is damaged; going on from an earlier one")
                continue
            if kept["identity"] != self.identity:
                raise EngineError(f"{folder} belongs to another plan or other data", "start a new run")
            self.progress = kept["progress"]
            self.resumed_from = self.progress["global_step"]
            return folder
        return None

    def micro_batches(self, first_step):
        """Those of this process: every step in equal turns, filled up with rows that nothing is learnt from."""
        filler = [dict(self.train[0], labels=[IGNORED] * len(self.train[0]["labels"]))]
        per_process = max(math.ceil(len(step["micro_batches"]) / WORLD) for step in self.steps)
        for step in self.steps[first_step:]:
            mine = [[self.train[row] for row in rows] for rows in step["micro_batches"][RANK::WORLD]]
            yield from mine + [filler] * (per_process - len(mine))

    def tokens(self, step):
        """Tokens and target tokens of an optimizer step, of all processes."""
        rows = [self.train[row] for rows in self.steps[step]["micro_batches"] for row in rows]
        return sum(len(row["input_ids"]) for row in rows), sum(target_count(row) for row in rows)

    def look(self, loss):
        """Counts one look at the validation rows; whether it is the best so far."""
        best = self.progress["best"]
        if not math.isfinite(loss) or best is not None and loss >= best["loss"]:
            self.progress["looks_since_best"] += 1
            return False
        self.progress["best"] = {"global_step": self.progress["global_step"], "loss": loss}
        self.progress["looks_since_best"] = 0
        return True


def labelled(row):
    """A target is a token the model must say; the first of a row has nothing before it that could say it."""
    labels = [token if is_target else IGNORED for token, is_target in zip(row["input_ids"], row["loss_mask"])]
    return {"input_ids": row["input_ids"], "labels": [IGNORED] + labels[1:]}


def target_count(row):
    return sum(label != IGNORED for label in row["labels"])


def checkpoint_path(step):
    return CHECKPOINTS / f"step-{step:06d}"


def load_model(settings):
    import torch
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    arguments = {"dtype": getattr(torch, settings["dtype"]), "attn_implementation": attention(settings)}
    stored = settings["quantization"]
    if stored is not None:
        arguments["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type=stored["type"], bnb_4bit_use_double_quant=stored["double_quant"],
            bnb_4bit_compute_dtype=arguments["dtype"], bnb_4bit_quant_storage=arguments["dtype"])
        arguments["device_map"] = {"": int(os.environ.get("LOCAL_RANK", 0))}
    return AutoModelForCausalLM.from_pretrained(settings["model"], **arguments)


def attention(settings):
    """Packed rows are kept apart by positions: every kernel here does so, and flash attention without a mask matrix."""
    if not settings["sft"]["use_cpu"] and settings["dtype"] != "float32":
        from transformers.utils import is_flash_attn_2_available

        if is_flash_attn_2_available():
            return "flash_attention_2"
    return "sdpa"


def adapted(model, settings):
    """The model, and what PEFT is to put on it; an adapter to go on from is put on at once."""
    lora = settings["lora"]
    if lora is None:
        return model, None
    from peft import LoraConfig, PeftConfig, PeftModel

    if lora["init_adapter"] is None:
        names = ("r", "lora_alpha", "lora_dropout", "target_modules", "use_rslora", "use_dora", "modules_to_save")
        return model, LoraConfig(task_type="CAUSAL_LM", **{name: lora[name] for name in names})
    config = PeftConfig.from_pretrained(lora["init_adapter"])
    config.lora_dropout = lora["lora_dropout"]
    return PeftModel.from_pretrained(model, lora["init_adapter"], config=config, is_trainable=True), None


def make_trainer(settings, contract, tokenizer, run, events, stop):
    import torch
    import torch.distributed as dist
    import contract as token_contract
    from datasets import Dataset
    from transformers import PrinterCallback, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    class Batches:
        """All micro-batches of the run as one epoch, already those of this process."""

        def __init__(self, collator, steps_per_process):
            self.dataset, self.collator, self.length = run.train, collator, steps_per_process

        def __len__(self):
            return self.length

        def __iter__(self):
            return map(self.collator, run.micro_batches(run.progress["global_step"]))

    class Trainer(SFTTrainer):
        def get_train_dataloader(self):
            return Batches(self.data_collator, len(run.steps) * self.args.gradient_accumulation_steps)

        def log(self, logs, start_time=None):
            super().log(logs, start_time)
            if "loss" in logs and "learning_rate" in logs:
                report_step(logs)

        def evaluate(self, *arguments, **named):
            """The mean over all target tokens of the validation rows, or with `compat: trl` TRL's mean of means."""
            self.control.should_evaluate = False
            if run.validation_batches is None:
                total, count = self.losses_of(run.validation)
                loss = total / max(count, 1)
            else:
                batches = run.validation_batches
                means = [total / max(count, 1) for total, count in self.sums_of(
                    [[run.validation[row] for row in batch["rows"]] for batch in batches])]
                weights = [batch["weight"] for batch in batches]
                loss = sum(mean * weight for mean, weight in zip(means, weights)) / max(sum(weights), 1)
            improved = run.look(loss)
            events.write(
                "eval", global_step=self.state.global_step, loss=loss, perplexity=math.exp(min(loss, 700)))
            patience = settings["early_stopping_patience"]
            if patience is not None:
                self.control.should_save |= improved
                if run.progress["looks_since_best"] >= patience:
                    self.control.should_training_stop = True
            return {"eval_loss": loss}

        def losses_of(self, rows, each=False):
            """Sum of the losses of all target tokens and their number, over all processes; one pair per row with `each`."""
            batches = [[row] for row in rows] if each else [
                [row for row in rows[start:start + settings["rows_per_look"]]]
                for start in range(0, len(rows), settings["rows_per_look"])]
            sums = self.sums_of(batches)
            return sums if each else tuple(sum(column) for column in zip(*sums)) if sums else (0.0, 0.0)

        def sums_of(self, batches):
            """Sum of the losses of all target tokens and their number, for each batch of rows, over all processes."""
            first = batches[0][0] if batches else None
            filler = [dict(first, labels=[IGNORED] * len(first["labels"]))] if batches else None
            model, was_training = self.model_wrapped, self.model_wrapped.training
            model.eval()
            sums = torch.zeros(len(batches), 2, dtype=torch.float64, device=self.args.device)
            with torch.no_grad():
                for turn in range(math.ceil(len(batches) / WORLD)):
                    place = turn * WORLD + RANK
                    batch = batches[place] if place < len(batches) else filler
                    inputs = self._prepare_inputs(self.data_collator(batch))
                    with self.compute_loss_context_manager():
                        found = model(**inputs, use_cache=False, fused_lm_head=True)
                    if place < len(batches):
                        sums[place, 0] = -found.log_probs.double().sum()
                        sums[place, 1] = found.label_mask.sum()
            if WORLD > 1:
                dist.all_reduce(sums)
            if was_training:
                model.train()
            return sums.tolist()

        def _save_checkpoint(self, model, trial):
            """A checkpoint appears under its name only when all of it is there."""
            super(SFTTrainer, self)._save_checkpoint(model, trial)
            step = self.state.global_step
            if WORLD > 1:
                dist.barrier()
            if RANK == 0:
                written = CHECKPOINTS / f"checkpoint-{step}"
                state = {"version": 1, "identity": run.identity, "progress": run.progress}
                (written / "state.json").write_text(json.dumps(state, indent=2) + "\n")
                shutil.rmtree(checkpoint_path(step), ignore_errors=True)
                written.rename(checkpoint_path(step))
                prune(settings, run)
            if WORLD > 1:
                dist.barrier()
            events.write("checkpoint", global_step=step, path=str(checkpoint_path(step)))

        def finish(self):
            step, best = self.state.global_step, run.progress["best"]
            if callbacks.is_stopped:
                return self.say_finished("stopped")
            kept = step
            if settings["early_stopping_patience"] is not None and best and best["global_step"] != step:
                kept = best["global_step"]
                self._load_from_checkpoint(str(checkpoint_path(kept)))
                events.write(
                    "warning", id="kept_best",
                    text=f"the result has the weights of step {kept}, where the validation loss was lowest")
            losses = self.losses_of([labelled(row) for row in contract["rows"]], each=True)
            if RANK == 0:
                (ENGINE / "tuned_loss.json").write_text(
                    json.dumps([{"sum": total, "tokens": int(count)} for total, count in losses]) + "\n")
                publish(settings, contract, checkpoint_path(kept))
            self.say_finished("completed" if step >= len(run.steps) else "early_stopping")

        def say_finished(self, reason):
            events.write(
                "finished", reason=reason, global_step=self.state.global_step, seconds=clock.seconds,
                peak_rss_bytes=peak_resident_bytes())

    class Callbacks(TrainerCallback):
        is_stopped = False

        def on_train_begin(self, args, state, control, **named):
            trainable = sum(
                getattr(parameter, "ds_numel", parameter.numel())
                for parameter in trainer.model.parameters() if parameter.requires_grad)
            tokens = sum(run.tokens(step)[0] for step in range(len(run.steps)))
            on_cpu = settings["sft"]["use_cpu"]
            kind = torch.backends.cpu.get_cpu_capability() if on_cpu else torch.cuda.get_device_name()
            events.write(
                "started", engine="trl", total_steps=len(run.steps), mean_step_tokens=tokens / len(run.steps),
                trainable_parameters=trainable, threads=torch.get_num_threads() * WORLD if on_cpu else WORLD,
                instruction_set=kind, resumed_from=run.resumed_from, **settings["counts"])
            if run.resumed_from is None and contract["untrained_loss"] is not None:
                first = [run.train[row] for rows in run.steps[0]["micro_batches"] for row in rows]
                total, count = trainer.losses_of(first)
                token_contract.check_loss(contract, total / count)
            if contract["compat"] == "trl" and any(row.get("is_plain") for row in contract["rows"]):
                events.write(
                    "warning", id="prompts_without_template",
                    text="rows of prompt and completion are trained without the chat template, as TRL does; whoever asks "
                    "the model must leave it out too")
            remove_partial()

        def on_step_end(self, args, state, control, **named):
            step = run.progress["global_step"] = state.global_step
            run.progress["seconds"] = clock.seconds
            is_last = step == len(run.steps)

            def is_due(every):
                return every is not None and step % every == 0

            control.should_evaluate = bool(run.validation) and (is_last or is_due(settings["eval_every"]))
            control.should_save = is_last or is_due(settings["save_every"])
            if not is_last and is_wanted(stop):
                self.is_stopped = control.should_save = control.should_training_stop = True

    def is_wanted(stop):
        """All processes stop after the same step, whichever was asked."""
        if WORLD == 1:
            return stop.is_raised
        flag = torch.tensor([float(stop.is_raised)], device=trainer.args.device)
        dist.all_reduce(flag, op=dist.ReduceOp.MAX)
        return flag.item() > 0

    def report_step(logs):
        step = trainer.state.global_step
        if not math.isfinite(logs["loss"]):
            raise EngineError(
                f"the loss of step {step} is not a number", "lower `training.learning_rate`, or look at the rows of that step")
        tokens, targets = run.tokens(step - 1)
        seconds = clock.seconds - report_step.before
        report_step.before = clock.seconds
        events.write(
            "step", global_step=step, epoch=run.steps[step - 1]["epoch"], loss=logs["loss"],
            learning_rate=logs["learning_rate"], grad_norm=logs.get("grad_norm", 0.0), tokens=tokens,
            target_tokens=targets, tokens_per_second=tokens / max(seconds, 1e-9), peak_rss_bytes=peak_resident_bytes())

    model, peft_config = adapted(load_model(settings), settings)
    # Rows, batches and steps are all decided, so TRL neither prepares, shuffles nor counts epochs.
    arguments = SFTConfig(
        output_dir=str(CHECKPOINTS), max_steps=len(run.steps), ignore_data_skip=True, max_length=None, packing=False,
        completion_only_loss=False, logging_steps=1, logging_nan_inf_filter=False, save_strategy="no",
        eval_strategy="no", report_to="none", disable_tqdm=True, remove_unused_columns=False, **settings["sft"])
    rows = Dataset.from_list(run.train[:1])
    trainer = Trainer(
        model, args=arguments, train_dataset=rows, processing_class=tokenizer, peft_config=peft_config)
    trainer.remove_callback(PrinterCallback)
    callbacks = Callbacks()
    trainer.add_callback(callbacks)
    clock = Clock(before=run.progress["seconds"])
    report_step.before = clock.seconds
    return trainer


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


def explain(error, settings):
    """What was wrong and one thing to do, for errors whose cause is known."""
    text = f"{type(error).__name__}: {error}".strip()
    if isinstance(error, ImportError):
        return f"a Python package is missing: {error}", "pip install -r engine/requirements.txt"
    if "out of memory" in text.lower() or "can't allocate memory" in text.lower() or isinstance(error, MemoryError):
        parts = settings.get("memory") or {}
        planned = ", ".join(f"{name} {size}" for name, size in parts.items())
        return (
            f"out of memory on {settings['device']}" + (f"; the plan reckoned with {planned}" if planned else ""),
            "halve `training.micro_batch` (or `tokens_per_micro_batch`) and double `gradient_accumulation_steps`, "
            "or set `training.gradient_checkpointing=true`")
    if "DistNetworkError" in text or "DistStoreError" in text or "Connection refused" in text:
        return text[:300], "another process is gone or cannot be reached: check the first machine's address and port"
    return text[:500], getattr(error, "hint", None)


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
