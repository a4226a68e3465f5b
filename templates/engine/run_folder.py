"""The run folder as hone knows it: settings, rows and their order, the event log, requests to stop.

hone reads events.jsonl and nothing else of a running engine, so everything it shows is written here.
"""
import fcntl
import json
import os
import pathlib
import signal
import stat
import sys
import threading
import time
from datetime import datetime, timezone

ENGINE = pathlib.Path(__file__).resolve().parent
RUN = ENGINE.parent
RANK = int(os.environ.get("RANK", 0))
WORLD = int(os.environ.get("WORLD_SIZE", 1))


def read_json(name):
    return json.loads((ENGINE / name).read_text(encoding="utf-8"))


def read_lines(name):
    with open(ENGINE / name, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


class Events:
    """Appends to events.jsonl, one whole line at a time. Only the first process speaks, except for a failure."""

    def __init__(self):
        self.file = os.open(RUN / "events.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def write(self, event, **members):
        if RANK == 0:
            self._append(event, members)

    def fail(self, error, hint=None):
        """The first process that fails says why; the others only see its end."""
        try:
            os.close(os.open(ENGINE / "failed", os.O_CREAT | os.O_EXCL, 0o644))
        except FileExistsError:
            return
        if WORLD > 1:
            error = f"process {RANK} of {WORLD}: {error}"
        self._append("failed", {"error": error, "hint": hint})

    def _append(self, event, members):
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = json.dumps({"time": now, "event": event, **members}, ensure_ascii=False, default=float)
        # JSON has no spelling for what is not a number; hone reads null as that.
        line = line.replace(": NaN", ": null").replace(": Infinity", ": null").replace(": -Infinity", ": null")
        os.write(self.file, (line + "\n").encode())


class Lock:
    """Held as long as the engine lives: two engines in one run folder would write over each other."""

    def __init__(self):
        self.file = os.open(RUN / "engine.log", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("another engine is at work on this run")


class StopRequest:
    """Somebody wants the engine to save and stop: its parent closed the pipe or died, or a signal came."""

    def __init__(self):
        self.is_raised = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.raise_())
        if stat.S_ISFIFO(os.fstat(0).st_mode):
            threading.Thread(target=self._watch_parent, daemon=True).start()

    def raise_(self):
        self.is_raised = True

    def _watch_parent(self):
        while os.read(0, 1):
            pass
        self.raise_()


def peak_resident_bytes():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


class Clock:
    """Seconds of training over all sittings of the run."""

    def __init__(self, before=0.0):
        self.start = time.monotonic() - before

    @property
    def seconds(self):
        return time.monotonic() - self.start
