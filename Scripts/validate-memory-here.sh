#!/bin/bash
# Trains 38 small plans with the bundled trainer and compares the peak that each process really reached (VmHWM) with what
# `hone check` said before. Exit code 1 when one of them is off by more than 5 % and 24 MiB.
#   Scripts/validate-memory-here.sh [PATH OF hone]
set -euo pipefail
cd "$(dirname "$0")/.."
hone=$(realpath "${1:-.build/release/hone}")
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

. Scripts/model-of-a-shape.sh

count=0
missed=0
# run_plan MODEL METHOD SETTINGS...: one plan, one line
run_plan() {
  local model=$1 method=$2
  shift 2
  count=$((count + 1))
  local plan=$work/plan-$count.yaml
  write_plan "$model" "$method" 3 "$@" > "$plan"
  local said
  said=$("$hone" check "$plan" --json | sed -nE 's/.*"p50_bytes": ([0-9]+).*/\1/p' | head -1)
  local run=$work/runs-$count
  (cd "$work" && "$hone" train "$plan" --name "plan-$count" > "$run.out" 2> "$run.err") || {
    echo "plan $count did not train:" && tail -5 "$run.err" && exit 1
  }
  local events
  events=$(ls -t "$work"/runs/*-plan-$count/events.jsonl | head -1)
  local reached
  reached=$(sed -nE 's/.*"peak_rss_bytes": ?([0-9]+).*/\1/p' "$events" | sort -n | tail -1)
  awk -v n="$count" -v m="$model {$method} $*" -v s="$said" -v r="$reached" 'BEGIN {
    difference = s - r; size = difference < 0 ? -difference : difference
    allowed = r * 0.05; if (allowed < 24 * 1048576) allowed = 24 * 1048576
    printf "%2d  said %8.1f MiB  reached %8.1f MiB  %+6.1f %%  %+8.1f MiB  %s  %s\n", n, s / 1048576, r / 1048576,
      difference / r * 100, difference / 1048576, size <= allowed ? "ok  " : "MISS", m
    exit size <= allowed ? 0 : 1 }' || missed=$((missed + 1))
}

make_model small 192 512 6 6 2 32 4096
make_model middle 512 1408 8 8 4 64 8192
make_model large 768 2048 12 12 4 64 16384
for model in small middle large; do
  run_plan $model "kind: lora, rank: 8" "micro_batch: 1"
  run_plan $model "kind: lora, rank: 8" "micro_batch: 4"
  run_plan $model "kind: lora, rank: 8" "micro_batch: 16"
  run_plan $model "kind: lora, rank: 64" "micro_batch: 4"
  run_plan $model "kind: lora, rank: 8" "micro_batch: 8" "threads: 1"
  run_plan $model "kind: lora, rank: 8" "micro_batch: 8" "max_length: 96"
  run_plan $model "kind: lora, rank: 8" "packing: true" "max_length: 512" "tokens_per_micro_batch: 2048"
  run_plan $model "kind: lora, rank: 8, target_modules: [q_proj, v_proj]" "micro_batch: 8"
  run_plan $model "kind: full" "micro_batch: 1"
  run_plan $model "kind: full" "micro_batch: 8"
done
for model in middle large; do
  run_plan $model "kind: lora, rank: 8" "precision: bf16" "micro_batch: 1"
  run_plan $model "kind: lora, rank: 8" "precision: bf16" "micro_batch: 8"
  run_plan $model "kind: lora, rank: 8" "precision: bf16" "gradient_checkpointing: true" "micro_batch: 8"
  run_plan $model "kind: qlora, rank: 8" "precision: bf16" "micro_batch: 4"
done
echo "$count plans, $missed beyond max(5 %, 24 MiB)"
[ "$missed" -eq 0 ]
