#!/bin/bash
# Measures this machine's speed, trains small plans with the bundled trainer, and compares how fast they ran with what
# `hone check` said before, and with what the first 20 steps said of all. Exit code 1 when a plan is off by more than 25 %
# before, or 5 % after 20 steps. Only a machine with nothing else to do tells anything.
#   Scripts/validate-time-here.sh [PATH OF hone]
set -euo pipefail
cd "$(dirname "$0")/.."
hone=$(realpath "${1:-.build/release/hone}")
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work/cache
. Scripts/model-of-a-shape.sh

count=0
missed=0
# run_plan MODEL METHOD STEPS SETTINGS...: one plan, one line
run_plan() {
  local model=$1 method=$2 steps=$3
  shift 3
  count=$((count + 1))
  local plan=$work/plan-$count.yaml
  write_plan "$model" "$method" "$steps" "$@" > "$plan"
  local said
  said=$("$hone" check "$plan" --json | sed -nE 's/.*"tokens_per_second": ([0-9.e+]+).*/\1/p' | head -1)
  (cd "$work" && "$hone" train "$plan" --name "plan-$count" > out.txt 2> err.txt) || {
    echo "plan $count did not train:" && tail -5 "$work/err.txt" && exit 1
  }
  local events
  events=$(ls -t "$work"/runs/*-plan-$count/events.jsonl | head -1)
  # After 20 steps, as the progress line tells it: what they took for each token but for the first, times the tokens of all.
  local usual
  usual=$(sed -nE 's/.*"mean_step_tokens":([0-9.e+]+).*/\1/p' "$events" | head -1)
  sed -nE 's/.*"event":"step".*"tokens":([0-9]+),.*"tokens_per_second":([0-9.e+]+).*/\1 \2/p' "$events" |
    awk -v n="$count" -v m="$model {$method} $*" -v said="$said" -v usual="$usual" '
      { tokens += $1; seconds += $1 / $2; if (NR > 1 && NR <= 20) { first += $1 / $2; some += $1; early = NR } }
      END {
        reached = tokens / seconds; before = said / reached - 1; after = first / some * usual * NR / seconds - 1
        ok = before < 0.25 && before > -0.2 && after < 0.05 && after > -0.05
        printf "%2d  said %8.0f tokens/s  reached %8.0f  %+6.1f %%  after %d steps %+5.1f %%  %s  %s\n", n, said, reached,
          before * 100, early, after * 100, ok ? "ok  " : "MISS", m
        exit ok ? 0 : 1 }' || missed=$((missed + 1))
}

make_model small 192 512 6 6 2 32 4096
make_model middle 512 1408 8 8 4 64 8192
make_model large 768 2048 12 12 4 64 16384
"$hone" check --calibrate
run_plan small "kind: lora, rank: 8" 120 "micro_batch: 1"
run_plan small "kind: lora, rank: 8" 120 "micro_batch: 8"
run_plan small "kind: lora, rank: 64" 120 "micro_batch: 8"
run_plan small "kind: lora, rank: 8" 120 "packing: true" "max_length: 512" "tokens_per_micro_batch: 2048"
run_plan small "kind: full" 120 "micro_batch: 8"
run_plan small "kind: full" 120 "micro_batch: 8" "threads: 1"
run_plan middle "kind: lora, rank: 8" 80 "micro_batch: 1"
run_plan middle "kind: lora, rank: 8" 80 "micro_batch: 8"
run_plan middle "kind: lora, rank: 16, target_modules: [q_proj, v_proj]" 80 "micro_batch: 8"
run_plan middle "kind: full" 80 "micro_batch: 8"
run_plan large "kind: lora, rank: 8" 60 "micro_batch: 4"
run_plan large "kind: lora, rank: 8" 60 "micro_batch: 4" "threads: 1"
run_plan large "kind: lora, rank: 64" 60 "micro_batch: 8"
run_plan large "kind: full" 60 "micro_batch: 4"
echo "$count plans, $missed beyond 25 % before or 5 % after 20 steps"
[ "$missed" -eq 0 ]
