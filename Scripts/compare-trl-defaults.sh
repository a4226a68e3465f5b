#!/bin/bash
# Trains the practice model by the plan hone writes and by TRL's defaults, on the same rows, for the same number of tokens and
# with one thread, and measures all on the same test rows. Prints one line per plan.
#   Scripts/compare-trl-defaults.sh NAME DATA [PATH OF hone] [WORK FOLDER]
set -euo pipefail
name=$1
data=$(realpath "$2")
hone=$(realpath "${3:-.build/release/hone}")
work=${4:-$(mktemp -d)}
mkdir -p "$work"
cd "$work"

train() { # PLAN NAME: trains and measures, and prints tokens and scores
  local run
  run=$("$hone" train "$1" --name "$2" --accept loss-mostly-on-prompts --because "as TRL does it" 2>> talk.txt)
  "$hone" eval "$run" > /dev/null 2>> talk.txt
  local tokens
  tokens=$(sed -nE 's/.*"event":"step".*"tokens":([0-9]+),.*/\1/p' "$run/events.jsonl" | awk '{s += $1} END {print s}')
  echo "$name $2 tokens $tokens $(tr -d '\n ' < "$run/eval/summary.json" | sed -nE 's/.*"arms":\{(.*)\},"comparisons".*/\1/p')"
  echo "$tokens" > "$2.tokens"
}

"$hone" plan --data "$data" --set training.threads=1 -o generated.yaml 2>> talk.txt
[ -f generated.tokens ] || train generated.yaml generated

# The same rows in the same parts, and TRL's defaults: 2e-5 whatever is trained, a linear fall without warmup, eight rows per
# step, 1,024 tokens, requests trained on, nothing mixed in, nothing stopped early.
budget=$(cat generated.tokens)
mean=$("$hone" encode "$data" --model practice-3m --json 2>> talk.txt | sed -nE 's/.*"input_ids": ?\[([^]]*)\].*/\1/p' \
  | awk -F, '{s += NF} END {print s / NR}')
steps=$(awk -v b="$budget" -v m="$mean" 'BEGIN {printf "%d", b / (8 * m) + 0.5}')
split=$(sed -nE '/^  split:/,/^  [a-z]*:$/p' generated.yaml | sed -nE 's/^    (validation|test|seed): ([0-9.]+).*/\1: \2/p' | paste -sd, | sed 's/,/, /g')
for kind in full lora; do
  method="kind: full"
  [ $kind = lora ] && method="kind: lora, rank: 16, alpha: 32, dropout: 0.05, target_modules: [q_proj, v_proj]"
  cat > trl-$kind.yaml <<PLAN
version: 2
compat: trl
model: practice-3m
method: {$method}
data: {paths: ["$data"], split: {$split}}
training: {max_length: 1024, loss_on_prompts: true, micro_batch: 8, max_steps: $steps, learning_rate: 2e-5,
  schedule: linear, warmup_steps: 0, weight_decay: 0, max_grad_norm: 1, threads: 1}
evaluation: {max_new_tokens: $(sed -nE 's/^  max_new_tokens: ([0-9]+).*/\1/p' generated.yaml)}
PLAN
  train trl-$kind.yaml trl-$kind
done
