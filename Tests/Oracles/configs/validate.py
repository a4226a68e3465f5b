"""Checks the files of `hone export --config` with each tool's own validator, without a GPU and without a network.

    validate.py axolotl|llama-factory|unsloth|accelerate|deepspeed FILE [FILE ...]

Exit code 0: accepted. A key the tool does not know is an error here for every tool, also for Axolotl, which would ignore it.
The tools' pins exclude each other, so each wants an environment of its own; only the validators are needed:

    axolotl 0.19.0           pip install --no-deps axolotl, then pydantic, transformers, torch, pillow and what it asks for
    llamafactory 0.9.5       pip install --no-deps llamafactory, then transformers, omegaconf, fire, trl, peft
    unsloth 2026.10.9        pip install --no-deps unsloth, then typer, pydantic, pyyaml (its command line only)
    accelerate 1.15.0        pip install accelerate
    deepspeed                pip install --no-deps deepspeed, then torch, hjson, pydantic, einops, py-cpuinfo, ninja
"""
import json
import os
import sys
import warnings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("DISABLE_VERSION_CHECK", "1")
os.environ.setdefault("DS_ACCELERATOR", "cpu")
warnings.filterwarnings("ignore")
import yaml


def load(path):
    with open(path) as file:
        return json.load(file) if path.endswith(".json") else yaml.safe_load(file)


def axolotl(path):
    from axolotl.utils.schemas.config import AxolotlInputConfig as Config
    values = load(path)
    names = set(Config.model_fields) | {field.alias for field in Config.model_fields.values() if field.alias}
    if unknown := sorted(set(values) - names):
        raise ValueError(f"unknown keys {unknown}")
    Config(**values)


def llama_factory(path):
    from llamafactory.hparams.parser import _TRAIN_ARGS
    from transformers import HfArgumentParser
    HfArgumentParser(_TRAIN_ARGS).parse_dict({**load(path), "use_cpu": True}, allow_extra_keys=False)


def unsloth(path):
    from unsloth_cli.config import load_config
    load_config(path)


def accelerate(path):
    from accelerate.commands.config.config_args import load_config_from_file
    load_config_from_file(path)


def deepspeed(path):
    from deepspeed.runtime.config import DeepSpeedConfig
    values = load(path)
    # The batch of all devices is known on the node only; one device stands in for them.
    values["train_batch_size"] = values["train_micro_batch_size_per_gpu"] * values["gradient_accumulation_steps"]
    class OneDevice:
        def get_data_parallel_world_size(self): return 1
    DeepSpeedConfig(values, mpu=OneDevice())


failed = False
for path in sys.argv[2:]:
    try:
        globals()[sys.argv[1].replace("-", "_")](path)
        print(path, "accepted")
    except (Exception, SystemExit) as error:
        failed = True
        print(path, "REFUSED", type(error).__name__, " ".join(str(error).split())[:300])
sys.exit(failed)
