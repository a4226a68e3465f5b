# Sourced by the scripts that train models whose values do not matter. Needs $work, a folder to write to, and $root, the checkout.

# A model folder of one small number (bf16 0x3c3c, 0.0115) with the practice model's tokenizer: memory does not depend on the
# values, and on zeros a processor is faster than in training.
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
  head -c "$offset" /dev/zero | tr '\0' '<' >> "$work/$name/model.safetensors"
}

# The plan of a run over examples/task-api, to standard output; with all processors unless the settings say otherwise.
# write_plan MODEL METHOD STEPS SETTINGS...
write_plan() {
  local model=$1 method=$2 steps=$3
  shift 3
  echo "version: 1"
  echo "model: $work/$model"
  echo "method: {$method}"
  echo "data: {paths: [$root/examples/task-api/data.jsonl]}"
  echo "training:"
  echo "  max_steps: $steps"
  [[ "$*" == *threads:* ]] || set -- "$@" "threads: $(nproc)"
  printf '  %s\n' "$@"
  echo "output: $work/runs"
}
