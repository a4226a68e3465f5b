"""TRL's SFTTrainer over rows that hone has put into order, with losses, looks and checkpoints as hone counts them."""
import json
import math
import shutil

import contract as token_contract
import torch
import torch.distributed as dist
from checkpoints import CHECKPOINTS, checkpoint_path, prune, publish, remove_partial
from datasets import Dataset
from failures import EngineError
from model import adapted, load_model
from rows import IGNORED, labelled
from run_folder import ENGINE, RANK, WORLD, Clock, peak_resident_bytes
from transformers import PrinterCallback, TrainerCallback
from trl import SFTConfig, SFTTrainer


def make_trainer(settings, contract, tokenizer, run, events, stop):
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
