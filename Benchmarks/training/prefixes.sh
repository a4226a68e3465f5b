#!/bin/bash
# Rows under one system prompt of about 400 tokens with answers of about 60: tokens of rows per second, each row computed on
# its own and with what they share computed once, on a model of SmolLM2-135M's shape.
#   Benchmarks/training/prefixes.sh [PATH OF hone]
set -euo pipefail
root=$(realpath "$(dirname "$0")/../..")
hone=$(realpath "${1:-$root/.build/release/hone}")
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$root"
. Scripts/model-of-a-shape.sh
make_model smollm2-135m 576 1536 30 9 3 64 49152
system=$(for ((i = 0; i < 26; i++)); do printf 'Rule %d: keep to the list of known names and answer in one short line. ' $i; done)
for ((row = 0; row < 400; row++)); do
  answer=$(for ((word = 0; word < 18; word++)); do printf 'n%d ' $(((row * 31 + word * 7) % 97)); done)
  printf '{"messages":[{"role":"system","content":"%s"},{"role":"user","content":"Question %d"},{"role":"assistant","content":"%s"}]}\n' \
    "$system" $row "${answer% }"
done > "$work/rows.jsonl"
for sharing in false true; do
  cat > "$work/plan.yaml" <<PLAN
version: 1
model: $work/smollm2-135m
method: {kind: lora, dropout: 0}
data: {paths: [$work/rows.jsonl], split: {validation: 0, test: 0}}
training: {packing: true, tokens_per_micro_batch: 2048, max_length: 1024, max_steps: 4, precision: bf16, share_prefixes: $sharing, threads: $(nproc)}
output: $work/runs
PLAN
  "$hone" train "$work/plan.yaml" --name "sharing-$sharing" --accept no-validation --because "only speed is measured" > "$work/log" 2>&1 || { tail -5 "$work/log"; exit 1; }
  grep -ho '"tokens_per_second":[0-9.]*' "$work"/runs/*"sharing-$sharing"/events.jsonl | tail -3 | tr '\n' ' '
  echo "share_prefixes: $sharing"
done
