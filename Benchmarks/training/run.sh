#!/bin/bash
# LoRA training of SmolLM2-135M's shape: the bundled trainer beside TRL with PEFT, one after the other on this machine.
#   Benchmarks/training/run.sh PYTHON [PATH OF hone]      PYTHON has torch, transformers, peft, trl, datasets
set -euo pipefail
cd "$(dirname "$0")"
python=$1
hone=$(realpath "${2:-../../.build/release/hone}")
"$hone" bench --shape smollm2-135m-instruct --json 2> /dev/null
for rows in 1 4; do
  for precision in fp32 bf16; do
    "$python" peer.py "$precision" "$rows" 512 5 2> /dev/null | tail -1
  done
done
