"""The model as it is trained and asked: number format, quantisation, attention, adapter."""
import os


def load_model(settings):
    import torch
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    arguments = {"dtype": getattr(torch, settings["dtype"]), "attn_implementation": attention(settings)}
    stored = settings["quantization"]
    if stored is not None:
        arguments["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type=stored["type"], bnb_4bit_use_double_quant=stored["double_quant"],
            bnb_4bit_compute_dtype=arguments["dtype"], bnb_4bit_quant_storage=arguments["dtype"])
        arguments["device_map"] = {"": int(os.environ.get("LOCAL_RANK", 0))}
    return AutoModelForCausalLM.from_pretrained(settings["model"], **arguments)


def attention(settings):
    """Packed rows are kept apart by positions: every kernel here does so, and flash attention without a mask matrix."""
    if not settings["sft"]["use_cpu"] and settings["dtype"] != "float32":
        from transformers.utils import is_flash_attn_2_available

        if is_flash_attn_2_available():
            return "flash_attention_2"
    return "sdpa"


def adapted(model, settings):
    """The model, and what PEFT is to put on it; an adapter to go on from is put on at once."""
    lora = settings["lora"]
    if lora is None:
        return model, None
    from peft import LoraConfig, PeftConfig, PeftModel

    if lora["init_adapter"] is None:
        names = ("r", "lora_alpha", "lora_dropout", "target_modules", "use_rslora", "use_dora", "modules_to_save")
        return model, LoraConfig(task_type="CAUSAL_LM", **{name: lora[name] for name in names})
    config = PeftConfig.from_pretrained(lora["init_adapter"])
    config.lora_dropout = lora["lora_dropout"]
    return PeftModel.from_pretrained(model, lora["init_adapter"], config=config, is_trainable=True), None
