"""Writes blocks.json: float32 rows and the bytes the `gguf` package stores them as in Q8_0, Q4_0 and BF16.

Run with gguf (0.19) and numpy installed: python blocks.py. The package's quantisers are bit-exact with ggml's. Rows hold
ordinary weights, zeros, one large number among small ones, ties of the rounding, and negative extremes. Tolerance: none.
"""
import json
import pathlib

import gguf
import numpy

generator = numpy.random.RandomState(0)
rows = [generator.standard_normal(64) * 0.05, numpy.zeros(64), numpy.linspace(-1, 1, 64), numpy.arange(64) - 31.5,
        numpy.where(numpy.arange(64) == 40, -7.0, 0.01), numpy.where(numpy.arange(64) == 3, 1e-30, 0.0),
        generator.standard_normal(64) * 1000, numpy.round(generator.standard_normal(64) * 4) / 8]
values = numpy.stack(rows).astype(numpy.float32)
kinds = gguf.GGMLQuantizationType
result = {"made_with": {"gguf": "0.19", "numpy": numpy.__version__}, "values": values.tolist()}
for kind in (kinds.Q8_0, kinds.Q4_0, kinds.BF16):
    result[kind.name.lower()] = gguf.quants.quantize(values, kind).view(numpy.uint8).reshape(len(rows), -1).tolist()
path = pathlib.Path(__file__).with_name("blocks.json")
path.write_text(json.dumps(result, separators=(",", ":")) + "\n")
