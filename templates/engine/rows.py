"""The rows as token ids with their loss mask, and which of them make up which optimizer step, as hone decided."""
import json
import math

from checkpoints import CHECKPOINTS
from failures import EngineError
from run_folder import ENGINE, RANK, WORLD, read_lines

IGNORED = -100


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
