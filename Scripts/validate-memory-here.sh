#!/bin/bash
# Trains 30 small plans with the bundled trainer and compares the peak that each process really reached (VmHWM) with what
# `hone check` said before. Exit code 1 when one of them is off by more than 5 % and 24 MiB.
#   Scripts/validate-memory-here.sh [PATH OF hone]
set -euo pipefail
cd "$(dirname "$0")/.."
hone=$(realpath "${1:-.build/release/hone}")
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A model folder of zeros with the practice model's tokenizer: memory does not depend on the values.
# make_model NAME hidden inner layers heads key_value_heads head_size vocabulary
make_model() {
  local name=$1 h=$2 f=$3 layers=$4 heads=$5 kv=$6 d=$7 v=$8
  mkdir -p "$work/$name"
  cp models/base/*.json models/base/*.jinja "$work/$name/"
  sed -E -e "s/(\"hidden_size\": *)[0-9]+/\1$h/" -e "s/(\"intermediate_size\": *)[0-9]+/\1$f/" \
    -e "s/(\"num_hidden_layers\": *)[0-9]+/\1$layers/" -e "s/(\"num_attention_heads\": *)[0-9]+/\1$heads/" \
    -e "s/(\"num_key_value_heads\": *)[0-9]+/\1$kv/" -e "s/(\"head_dim\": *)[0-9]+/\1$d/" \
    -e "s/(\"vocab_size\": *)[0-9]+/\1$v/" models/base/config.json > "$work/$name/config.json"
  local offset=0 header=
  tensor() { # name rows columns; bf16
    local size=$(($2 * ${3:-1} * 2))
    header+="${header:+,}\"$1\":{\"dtype\":\"BF16\",\"shape\":[$2${3:+,$3}],\"data_offsets\":[$offset,$((offset + size))]}"
    offset=$((offset + size))
  }
  tensor model.embed_tokens.weight "$v" "$h"
  for ((layer = 0; layer < layers; layer++)); do
    local p=model.layers.$layer
    tensor $p.input_layernorm.weight "$h"
    tensor $p.post_attention_layernorm.weight "$h"
    tensor $p.self_attn.q_proj.weight $((heads * d)) "$h"
    tensor $p.self_attn.k_proj.weight $((kv * d)) "$h"
    tensor $p.self_attn.v_proj.weight $((kv * d)) "$h"
    tensor $p.self_attn.o_proj.weight "$h" $((heads * d))
    tensor $p.mlp.gate_proj.weight "$f" "$h"
    tensor $p.mlp.up_proj.weight "$f" "$h"
    tensor $p.mlp.down_proj.weight "$h" "$f"
  done
  tensor model.norm.weight "$h"
  header="{$header}"
  while (((${#header} + 8) % 64 != 0)); do header+=' '; done
  local length=${#header} bytes=
  for ((i = 0; i < 8; i++)); do bytes+=$(printf '\\x%02x' $(((length >> (8 * i)) & 255))); done
  { printf "$bytes"; printf '%s' "$header"; } > "$work/$name/model.safetensors"
  truncate -s $((8 + length + offset)) "$work/$name/model.safetensors"
}

worst=0
count=0
missed=0
# run_plan MODEL METHOD SETTINGS...: one plan, one line
run_plan() {
  local model=$1 method=$2
  shift 2
  count=$((count + 1))
  local plan=$work/plan-$count.yaml
  {
    echo "version: 1"
    echo "model: $work/$model"
    echo "method: {$method}"
    echo "data: {paths: [$root/examples/task-api/data.jsonl]}"
    echo "training:"
    echo "  max_steps: 3"
    for setting in "$@"; do echo "  $setting"; done
    echo "output: $work/runs"
  } > "$plan"
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
echo "$count plans, $missed beyond max(5 %, 24 MiB)"
[ "$missed" -eq 0 ]
