"""Prints what hone asks a Python before it starts an engine with it: versions, and accelerators where they are wanted."""
import importlib.metadata
import json
import platform
import sys

names, wants_devices = sys.argv[2:], sys.argv[1] == "devices"
versions = {}
for name in names:
    try:
        versions[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        versions[name] = None
devices = None
if wants_devices and versions.get("torch"):
    try:
        import torch

        devices = torch.cuda.device_count()
    except Exception as error:
        devices = 0
        print(error, file=sys.stderr)
print(json.dumps({"python": platform.python_version(), "versions": versions, "devices": devices}))
