"""Writes test/fixtures/models/<family>/: tiny random checkpoints and the logits Hugging Face transformers gives for them.

An oracle outside this project for src/model: any decoder that reproduces these logits reads Gemma 2, Llama, Qwen 2
and Qwen 3 checkpoints as their authors meant them. Layout: test/fixtures/README.md.

Made with Python 3.11, torch 2.15.0 (CPU), transformers 5.23.0, safetensors 0.8.0, numpy 2.4.6:

    python3 -m venv oracle && oracle/bin/pip install torch==2.15.0 transformers==5.23.0 safetensors==0.8.0 numpy==2.4.6
    oracle/bin/python test/oracle/transformers_logits.py

The script fails unless: decoding token by token with a KV cache gives the same logits to 1e-5; padding does not leak into
them; `from_pretrained` of the written folder finds every tensor and gives the same logits; and taking away any one feature of
the family (a soft-cap, the window, the rope scaling, ...) moves some logit by more than 0.01, so that a port that
forgets it cannot pass.
"""

import copy
import json
import pathlib
import sys
import zlib

import torch
import transformers
from safetensors.torch import save_file

SEED = 20240731
LENGTHS = [24, 17, 9]
VOCABULARY = 64
OUT = pathlib.Path(__file__).resolve().parents[1] / "fixtures" / "models"

COMMON = {
    "attention_bias": False,
    "attention_dropout": 0.0,
    "hidden_size": 32,
    "initializer_range": 0.02,
    "intermediate_size": 48,
    "max_position_embeddings": 64,
    "torch_dtype": "float32",
    "use_cache": True,
    "vocab_size": VOCABULARY,
}

LLAMA = COMMON | {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "head_dim": 16,
    "hidden_act": "silu",
    "mlp_bias": False,
    "num_hidden_layers": 2,
    "pretraining_tp": 1,
    "rms_norm_eps": 1e-05,
    "rope_scaling": None,
    "rope_theta": 500.0,
    "tie_word_embeddings": False,
    "bos_token_id": 1,
    "eos_token_id": 2,
}

# config.json exactly as hub checkpoints spell it (the names of transformers 4).
FAMILIES = {
    "gemma2": COMMON
    | {
        "architectures": ["Gemma2ForCausalLM"],
        "model_type": "gemma2",
        "attn_logit_softcapping": 3.0,
        "final_logit_softcapping": 2.0,
        "head_dim": 16,
        "hidden_act": "gelu_pytorch_tanh",
        "hidden_activation": "gelu_pytorch_tanh",
        "num_attention_heads": 2,
        "num_hidden_layers": 3,
        "num_key_value_heads": 1,
        "query_pre_attn_scalar": 24,
        "rms_norm_eps": 1e-06,
        "rope_theta": 10000.0,
        "sliding_window": 8,
        "cache_implementation": "hybrid",
        "bos_token_id": 2,
        "eos_token_id": 1,
        "pad_token_id": 0,
    },
    "llama": LLAMA | {"num_attention_heads": 4, "num_key_value_heads": 2},
    "llama-rope-llama3": LLAMA
    | {
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "eos_token_id": [2, 3],
        # Wavelengths are 2 pi 500^(i/8) = 6.3, 13.7, 29.7, 64, ...: below 8 kept, 8 to 32 blended, above 32 divided.
        "rope_scaling": {
            "factor": 8.0,
            "high_freq_factor": 4.0,
            "low_freq_factor": 1.0,
            "original_max_position_embeddings": 32,
            "rope_type": "llama3",
        },
    },
    "llama-rope-linear": LLAMA
    | {
        "num_attention_heads": 2,
        "num_hidden_layers": 1,
        "num_key_value_heads": 1,
        "rope_scaling": {"factor": 4.0, "type": "linear"},
    },
    "qwen2": {key: value for key, value in COMMON.items() if key != "attention_bias"}
    | {
        "architectures": ["Qwen2ForCausalLM"],
        "model_type": "qwen2",
        "hidden_act": "silu",
        "max_window_layers": 1,
        "num_attention_heads": 2,
        "num_hidden_layers": 2,
        "num_key_value_heads": 1,
        "rms_norm_eps": 1e-06,
        "rope_theta": 1000000.0,
        "sliding_window": 8,
        "tie_word_embeddings": True,
        "use_sliding_window": True,
        "bos_token_id": 0,
        "eos_token_id": 1,
    },
    "qwen3": COMMON
    | {
        "architectures": ["Qwen3ForCausalLM"],
        "model_type": "qwen3",
        "head_dim": 16,
        "hidden_act": "silu",
        "max_window_layers": 2,
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-06,
        "rope_scaling": None,
        "rope_theta": 1000000.0,
        "sliding_window": None,
        "tie_word_embeddings": False,
        "use_sliding_window": False,
        "bos_token_id": 0,
        "eos_token_id": 1,
    },
}

# Changes that each remove one feature; the logits must notice.
ABLATIONS = {
    "gemma2": [
        {"attn_logit_softcapping": None},
        {"final_logit_softcapping": None},
        {"sliding_window": 64},
        {"query_pre_attn_scalar": 16},
        {"rope_theta": 500.0},
        {"hidden_activation": "gelu"},  # exact GELU differs from its tanh form by 3e-4 at most
        {"rms_norm_eps": 1e-2},
    ],
    "llama": [{"rope_theta": 10000.0}],
    "llama-rope-llama3": [{"rope_scaling": None}],
    "llama-rope-linear": [{"rope_scaling": None}],
    "qwen2": [{"use_sliding_window": False}, {"max_window_layers": 0}],
    "qwen3": [{"rope_theta": 500.0}],
}


def build(config):
    """The architecture of `config` (classic spelling), eager attention, float32, evaluation mode."""
    fields = copy.deepcopy(config)
    model_type = fields.pop("model_type")
    architecture = fields.pop("architectures")[0]
    fields.pop("torch_dtype")
    fields.pop("cache_implementation", None)
    configuration = transformers.CONFIG_MAPPING[model_type](**fields)
    configuration._attn_implementation = "eager"
    return getattr(transformers, architecture)(configuration).to(torch.float32).eval()


def randomise(model, generator):
    """Draws weights large enough that soft-caps, norms and windows matter."""

    def normal(tensor, std, mean=0.0):
        tensor.copy_(torch.randn(tensor.shape, generator=generator) * std + mean)

    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name:
                normal(parameter, 0.3, 0.0 if model.config.model_type == "gemma2" else 1.0)
            elif name.endswith(".bias"):
                normal(parameter, 0.5)
            elif "embed_tokens" in name or "lm_head" in name:
                normal(parameter, 0.3)
            else:
                # Without a soft-cap, sharper attention would only amplify rounding.
                gain = 1.5 if model.config.model_type == "gemma2" else 1.0
                normal(parameter, gain / parameter.shape[1] ** 0.5)


@torch.no_grad()
def logits_alone(model, ids):
    """One sequence by itself, without cache: [T, V]."""
    return model(input_ids=torch.tensor([ids]), use_cache=False).logits[0]


@torch.no_grad()
def logits_stepwise(model, ids, prompt_length):
    """The same sequence: a prompt at once, then token by token through the KV cache."""
    outcome = model(input_ids=torch.tensor([ids[:prompt_length]]), use_cache=True)
    rows = [outcome.logits[0]]
    for token in ids[prompt_length:]:
        outcome = model(input_ids=torch.tensor([[token]]), past_key_values=outcome.past_key_values, use_cache=True)
        rows.append(outcome.logits[0])
    return torch.cat(rows)


def spread(first, second):
    return (first - second).abs().max().item()


def demand(condition, message):
    if not condition:
        sys.exit(f"transformers_logits: {message}")


def write_family(family, config):
    folder = OUT / family
    folder.mkdir(parents=True, exist_ok=True)
    generator = torch.Generator().manual_seed(SEED + zlib.crc32(family.encode()))
    model = build(config)
    randomise(model, generator)
    sequences = [torch.randint(4, VOCABULARY, (length,), generator=generator).tolist() for length in LENGTHS]
    expected = [logits_alone(model, ids) for ids in sequences]

    # Decoding with a cache is the same function.
    for ids, rows in zip(sequences, expected):
        for prompt_length in (1, 5):
            error = spread(logits_stepwise(model, ids, prompt_length), rows)
            demand(error < 1e-5, f"{family}: token by token differs by {error}")

    # Right padding does not reach the real positions.
    width = max(LENGTHS)
    padded = torch.zeros(len(LENGTHS), width, dtype=torch.int32)
    mask = torch.zeros(len(LENGTHS), width, dtype=torch.long)
    logits = torch.zeros(len(LENGTHS), width, VOCABULARY)
    for row, (ids, values) in enumerate(zip(sequences, expected)):
        padded[row, : len(ids)] = torch.tensor(ids, dtype=torch.int32)
        mask[row, : len(ids)] = 1
        logits[row, : len(ids)] = values
    with torch.no_grad():
        batched = model(input_ids=padded.long(), attention_mask=mask, use_cache=False).logits
    error = spread(batched * mask[..., None], logits)
    demand(error < 1e-5, f"{family}: padding moves logits by {error}")

    # Every feature matters.
    for change in ABLATIONS[family]:
        other = build(config | change)
        other.load_state_dict(model.state_dict())
        moved = max(spread(logits_alone(other, ids), rows) for ids, rows in zip(sequences, expected))
        needed = 1e-4 if "hidden_activation" in change else 1e-2
        demand(moved > needed, f"{family}: {change} moves logits by {moved} only")
        print(f"{family:20} without {change}: max change {moved:.4f}")

    (folder / "config.json").write_text(json.dumps(dict(sorted(config.items())), indent=2) + "\n")
    parameters = {name: parameter.detach().contiguous() for name, parameter in model.named_parameters()}
    save_file(parameters, folder / "model.safetensors", metadata={"format": "pt"})
    reference = {"input_ids": padded, "lengths": torch.tensor(LENGTHS, dtype=torch.int32), "logits": logits}
    save_file(reference, folder / "reference.safetensors", metadata={"format": "pt"})

    for file in folder.iterdir():
        file.chmod(0o644)

    # The written folder is a checkpoint that transformers itself accepts, classic spelling and all.
    again, report = transformers.AutoModelForCausalLM.from_pretrained(
        folder, attn_implementation="eager", dtype=torch.float32, output_loading_info=True
    )
    unused = [report[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys")]
    demand(not any(unused), f"{family}: from_pretrained reports {report}")
    error = max(spread(logits_alone(again.eval(), ids), rows) for ids, rows in zip(sequences, expected))
    demand(error == 0, f"{family}: reloading moves logits by {error}")
    size = sum(file.stat().st_size for file in folder.iterdir())
    demand(size < 150_000, f"{family}: {size} bytes is too large")
    print(f"{family:20} {size} bytes, logits std {torch.cat(expected).std():.2f}, max {torch.cat(expected).abs().max():.2f}")


def main():
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    print(f"python {sys.version.split()[0]} torch {torch.__version__} transformers {transformers.__version__}")
    for family, config in FAMILIES.items():
        write_family(family, config)


if __name__ == "__main__":
    main()
