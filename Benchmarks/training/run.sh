#!/bin/bash
# Training and decoding a model of SmolLM2-135M's shape: the bundled trainer beside TRL with PEFT and transformers, one after
# the other on this machine, then rows under one long system prompt.
#   Benchmarks/training/run.sh PYTHON [PATH OF hone]      PYTHON has torch, transformers, peft, trl, datasets
set -euo pipefail
cd "$(dirname "$0")"
python=$(command -v "$1")
hone=$(realpath "${2:-../../.build/release/hone}")
for precision in fp32 bf16 nf4; do
  "$hone" bench --shape smollm2-135m-instruct --precision "$precision" --json 2> /dev/null
done
for rows in 1 4; do
  for precision in fp32 bf16; do "$python" peer.py "$precision" "$rows" 512 5 2> /dev/null | tail -1; done
done
for prompts in 1 16; do
  for precision in fp32 bf16; do "$python" peer_decode.py "$precision" "$prompts" 128 32 2> /dev/null | tail -1; done
done
./prefixes.sh "$hone"
