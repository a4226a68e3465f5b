"""What an engine says when it cannot go on: what was wrong, and one thing to do."""


class EngineError(Exception):
    def __init__(self, what, hint=None):
        super().__init__(what)
        self.hint = hint


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
    if "Connection reset by peer" in text or "Connection closed by peer" in text or "remote process exited" in text:
        return (
            f"another process of this training is gone ({text[:200]})",
            "engine.log on its machine says why; hone train --resume goes on from the last checkpoint")
    if "DistNetworkError" in text or "DistStoreError" in text or "Connection refused" in text:
        return text[:300], "another process is gone or cannot be reached: check the first machine's address and port"
    return text[:500], getattr(error, "hint", None)
