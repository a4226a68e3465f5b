"""Compares hone's GGUF files with those of llama.cpp's own converter, tensor by tensor and key by key.

    compare_tensors.py HONE LLAMA_CPP FOLDER [FOLDER ...]

HONE is the binary, LLAMA_CPP a source tree of llama.cpp (the one inside the llama-cpp-python source package will do), FOLDER
a model folder (make_families.py makes some). Needs torch, transformers, numpy and safetensors. Every tensor the converter
writes must be in hone's file with the same shape and the same numbers in float32, and every setting it writes about the
architecture must be there with the same value.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

hone, tree, *folders = sys.argv[1:]
sys.path.insert(0, os.path.join(tree, "gguf-py"))
sys.path.insert(0, tree)
import gguf
import numpy
import torch


def converted(folder, path):
    """The converter's file, without its tokenizer: that part asks a hub about unknown vocabularies."""
    import conversion
    from conversion.base import ModelBase, ModelType, get_model_architecture
    hparams = ModelBase.load_hparams(folder, False)
    kind = conversion.get_model_class(get_model_architecture(hparams, ModelType.TEXT))
    kind.set_vocab = lambda self: None
    with torch.inference_mode():
        kind(folder, gguf.LlamaFileType.ALL_F32, path, eager=True, hparams=hparams).write()


def contents(path):
    reader = gguf.GGUFReader(path)
    tensors = {tensor.name: gguf.quants.dequantize(tensor.data, tensor.tensor_type) for tensor in reader.tensors}
    return {key: field.contents() for key, field in reader.fields.items()}, tensors


failures = 0
for name in folders:
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work) / pathlib.Path(name).name
        shutil.copytree(name, folder)
        theirs, ours = pathlib.Path(work) / "theirs.gguf", pathlib.Path(work) / "out"
        run = subprocess.run([hone, "export", folder, "--to", ours, "--format", "gguf", "--type", "f32"],
                             capture_output=True, text=True)
        if run.returncode:
            print(f"{name}: hone refuses: {run.stderr.splitlines()[0]}")
            continue
        try:
            converted(folder, theirs)
        except Exception as error:
            print(f"{name}: the converter refuses: {type(error).__name__} {error}")
            continue
        keys, tensors = contents(theirs)
        our_keys, our_tensors = contents(next((ours / "gguf").glob("*.gguf")))
        wrong = [f"{key}: {value} there, {our_keys.get(key)} here" for key, value in keys.items()
                 if key.startswith(keys["general.architecture"] + ".")
                 and (key not in our_keys or not numpy.allclose(value, our_keys[key], rtol=1e-6)
                      if not isinstance(value, str) else our_keys.get(key) != value)]
        for tensor, values in tensors.items():
            if tensor not in our_tensors:
                wrong.append(f"{tensor} is missing")
            elif values.shape != our_tensors[tensor].shape:
                wrong.append(f"{tensor}: {values.shape} there, {our_tensors[tensor].shape} here")
            elif not numpy.array_equal(values, our_tensors[tensor]):
                worst = float(numpy.abs(values - our_tensors[tensor]).max())
                if worst > 1e-6 * float(numpy.abs(values).max()):
                    wrong.append(f"{tensor} differs by up to {worst}")
        wrong += [f"{tensor} is there only here" for tensor in our_tensors if tensor not in tensors]
        failures += bool(wrong)
        print(f"{name}: " + ("; ".join(wrong) if wrong else f"{len(tensors)} tensors and {len(keys)} keys agree"))
sys.exit(bool(failures))
