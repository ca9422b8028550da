"""Writes test/fixtures/grpo/: values and gradients of every GRPO loss on the tiny Gemma 2 of test/fixtures/models.

An oracle outside this project for the learner's losses. The formulas below are TRL's (GRPOTrainer._compute_loss of trl 1.16.0),
written out so that they can be read; where TRL has the case, its own method is run on the same numbers and the
script fails unless loss and d loss / d log-probability agree to 1e-12. Layout: test/fixtures/README.md.

Made with Python 3.11, torch 2.15.0 (CPU), transformers 5.23.0, safetensors 0.8.0, numpy 2.4.6, trl 1.16.0:

    oracle/bin/pip install torch==2.15.0 transformers==5.23.0 safetensors==0.8.0 numpy==2.4.6 trl==1.16.0
    oracle/bin/python test/oracle/grpo_losses.py

The model runs in float32; the loss itself is computed in float64 from its float32 log-probabilities.
"""

import collections
import json
import math
import pathlib
import sys
import types

import torch
import transformers
from safetensors.torch import save_file
from trl.trainer.grpo_trainer import GRPOTrainer

SEED = 20240803
FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "fixtures"
PROMPT_LENGTHS = [5, 7, 4]  # one prompt per group
COMPLETION_LENGTHS = [[4, 9, 2], [7, 3, 6], [8, 5, 2]]  # [group][member]
WIDTH = 9
ADVANTAGE_EPSILON = 1e-4

DEFAULTS = {
    "lossType": "dapo",
    "temperature": 1.0,
    "epsilonLow": 0.2,
    "epsilonHigh": 0.28,
    "delta": None,
    "beta": 0.0,
    "klEstimator": None,
    "maxCompletionLength": None,
    "entropyCoefficient": 0.0,
    "mask": "mask",
    "behaviour": "behaviour",
    "hasFullGradient": False,
}

CASES = {
    "grpo": {"lossType": "grpo", "hasFullGradient": True},
    "bnpo": {"lossType": "bnpo"},
    "dr_grpo": {"lossType": "dr_grpo", "maxCompletionLength": 12},
    "dapo": {"hasFullGradient": True},
    "dapo-on-policy": {"behaviour": "current"},
    "dapo-temperature": {"temperature": 0.7, "hasFullGradient": True},
    "dapo-partial-mask": {"mask": "partial_mask"},
    "dapo-entropy": {"entropyCoefficient": 0.05},
    # One ratio per sequence: a mean of log-ratios is small, so are its clip bounds.
    "gspo": {"lossType": "gspo", "epsilonLow": 0.05, "epsilonHigh": 0.08, "hasFullGradient": True},
    # Only the upper bound acts, and it is the largest ratio itself: min(ratio, epsilonHigh).
    "cispo": {"lossType": "cispo", "epsilonHigh": 1.2, "hasFullGradient": True},
    "grpo-two-sided": {"lossType": "grpo", "delta": 1.5},
    "grpo-partial-mask": {"lossType": "grpo", "mask": "partial_mask"},
    "grpo-kl-k3": {"lossType": "grpo", "beta": 0.05, "klEstimator": "k3", "hasFullGradient": True},
    "dapo-kl-k3": {"beta": 0.05, "klEstimator": "k3"},
    "grpo-kl-k2": {"lossType": "grpo", "beta": 0.05, "klEstimator": "k2"},
    "grpo-kl-k3-ratio-weighted": {"lossType": "grpo", "beta": 0.05, "klEstimator": "k3-ratio-weighted"},
    "dapo-kl-k3-temperature": {"beta": 0.05, "klEstimator": "k3", "temperature": 0.7},
}


def demand(condition, message):
    if not condition:
        sys.exit(f"grpo_losses: {message}")


def loss_of(case, lp, entropy, behaviour, reference, advantage, mask):
    """The loss of one case. lp, entropy, behaviour, reference, mask: [9, 9]; advantage: [9, 1]."""
    log_ratio = lp - behaviour
    if case["lossType"] == "gspo":
        log_ratio = ((log_ratio * mask).sum(-1) / mask.sum(-1).clamp(min=1.0)).unsqueeze(-1)
    ratio = torch.exp(log_ratio)
    low, high = 1 - case["epsilonLow"], 1 + case["epsilonHigh"]
    if case["lossType"] == "cispo":
        per_token = -torch.clamp(ratio, max=case["epsilonHigh"]).detach() * advantage * lp
    else:
        unclipped = ratio if case["delta"] is None else torch.clamp(ratio, max=case["delta"])
        per_token = -torch.min(unclipped * advantage, torch.clamp(ratio, low, high) * advantage)
    if case["beta"] != 0:
        difference = reference - lp
        if case["klEstimator"] == "k2":
            kl = difference**2 / 2
        else:
            kl = torch.exp(difference) - difference - 1
        if case["klEstimator"] == "k3-ratio-weighted":
            kl = kl * ratio
        per_token = per_token + case["beta"] * kl
    per_token = per_token.expand_as(mask)
    if case["lossType"] in ("grpo", "gspo"):
        loss = ((per_token * mask).sum(-1) / mask.sum(-1).clamp(min=1.0)).mean()
    elif case["lossType"] == "dr_grpo":
        loss = (per_token * mask).sum() / (mask.shape[0] * case["maxCompletionLength"])
    else:  # bnpo counts this micro-batch's tokens, dapo and cispo the whole batch's; here they are one
        loss = (per_token * mask).sum() / mask.sum().clamp(min=1.0)
    if case["entropyCoefficient"] != 0:
        loss = loss - case["entropyCoefficient"] * (entropy * mask).sum() / mask.sum().clamp(min=1.0)
    return loss


def trl_loss(case, lp, entropy, behaviour, reference, advantage, mask):
    """The same through TRL's own method, and the metrics it logs."""
    metrics = {"eval": collections.defaultdict(list)}
    trainer = types.SimpleNamespace(
        _get_per_token_logps_and_entropies=lambda *_, **__: (lp, entropy, None),
        _metrics=metrics,
        _entropy_bonus_enabled=case["entropyCoefficient"] != 0,
        accelerator=types.SimpleNamespace(
            num_processes=1, gather=lambda x: x, gather_for_metrics=lambda x: x, reduce=lambda x, reduction: x
        ),
        args=types.SimpleNamespace(
            use_bias_correction_kl=case["klEstimator"] == "k3-ratio-weighted", delta=case["delta"]
        ),
        aux_loss_enabled=False,
        beta=case["beta"],
        entropy_coef=case["entropyCoefficient"],
        epsilon_high=case["epsilonHigh"],
        epsilon_low=case["epsilonLow"],
        importance_sampling_level="sequence" if case["lossType"] == "gspo" else "token",
        loss_type="grpo" if case["lossType"] == "gspo" else case["lossType"],
        max_completion_length=case["maxCompletionLength"],
        model=types.SimpleNamespace(training=False),
        off_policy_mask_threshold=None,
        top_entropy_quantile=1.0,
        use_adaptive_entropy=False,
        use_vllm=False,
    )
    ids = torch.zeros(mask.shape, dtype=torch.long)
    inputs = {
        "prompt_ids": ids,
        "prompt_mask": ids,
        "completion_ids": ids,
        "completion_mask": mask,
        "advantages": advantage.squeeze(1),
        "old_per_token_logps": behaviour,
        "ref_per_token_logps": reference,
        "num_items_in_batch": mask.sum(),
    }
    loss = GRPOTrainer._compute_loss(trainer, trainer.model, inputs)
    return loss, {name: values[0] for name, values in metrics["eval"].items()}


def forward(model, prompts, completions, temperature):
    """Log-probabilities and entropies of the completions, each sequence alone: [9, 9], 0 past the end."""
    log_probs, entropies = [], []
    for (group, ids), prompt in zip(completions, [prompts[group] for group, _ in completions]):
        logits = model(input_ids=torch.tensor([prompt + ids]), use_cache=False).logits[0]
        rows = torch.log_softmax(logits[len(prompt) - 1 : -1] / temperature, dim=-1)
        pad = (0, WIDTH - len(ids))
        log_probs.append(torch.nn.functional.pad(rows[torch.arange(len(ids)), torch.tensor(ids)], pad))
        entropies.append(torch.nn.functional.pad(-(rows.exp() * rows).sum(-1), pad))
    return torch.stack(log_probs), torch.stack(entropies)


def direction(size):
    """The fixed direction that gradients are projected on: sin(i + 1) over the flat index i."""
    return torch.sin(torch.arange(1, size + 1, dtype=torch.float64))


def main():
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(SEED)
    model = transformers.AutoModelForCausalLM.from_pretrained(
        FIXTURES / "models" / "gemma2", attn_implementation="eager", dtype=torch.float32
    ).eval()
    vocabulary = model.config.vocab_size

    def tokens(length):
        return torch.randint(4, vocabulary, (length,), generator=generator).tolist()

    prompts = [tokens(length) for length in PROMPT_LENGTHS]
    completions = [(group, tokens(length)) for group, lengths in enumerate(COMPLETION_LENGTHS) for length in lengths]
    count = len(completions)
    mask = torch.zeros(count, WIDTH)
    completion_ids = torch.zeros(count, WIDTH, dtype=torch.int32)
    for row, (_, ids) in enumerate(completions):
        mask[row, : len(ids)] = 1
        completion_ids[row, : len(ids)] = torch.tensor(ids, dtype=torch.int32)
    partial_mask = mask.clone()
    partial_mask[1, 2:5] = 0  # another role's tokens inside a completion
    partial_mask[4] = 0  # a truncated completion, masked as a whole
    prompt_ids = torch.zeros(len(prompts), max(PROMPT_LENGTHS), dtype=torch.int32)
    for row, ids in enumerate(prompts):
        prompt_ids[row, : len(ids)] = torch.tensor(ids, dtype=torch.int32)

    rewards = torch.randn(len(prompts), 3, generator=generator)
    rewards[1] = 0.5  # a dead group: every advantage is 0
    advantages = (rewards - rewards.mean(1, keepdim=True)) / (rewards.std(1, keepdim=True) + ADVANTAGE_EPSILON)

    inputs = {
        "prompt_ids": prompt_ids,
        "prompt_lengths": torch.tensor(PROMPT_LENGTHS, dtype=torch.int32),
        "group_of_completion": torch.tensor([group for group, _ in completions], dtype=torch.int32),
        "completion_ids": completion_ids,
        "completion_lengths": torch.tensor([len(ids) for _, ids in completions], dtype=torch.int32),
        "mask": mask,
        "partial_mask": partial_mask,
        "rewards": rewards,
        "advantages": advantages.flatten(),
    }
    results = {}
    for temperature in (1.0, 0.7):
        lp, entropy = forward(model, prompts, completions, temperature)
        results[temperature] = (lp, entropy)
        suffix = f"temperature_{temperature}"
        inputs[f"current_log_probs.{suffix}"] = lp.detach()
        inputs[f"entropies.{suffix}"] = entropy.detach()
        for name, deviation in (("behaviour", 0.5), ("reference", 0.3)):
            noise = torch.randn(count, WIDTH, generator=generator) * deviation
            inputs[f"{name}_log_probs.{suffix}"] = torch.clamp(lp.detach() + noise, max=-1e-3) * mask

    parameters = dict(model.named_parameters())
    gradients, written = {}, []
    for name, settings in CASES.items():
        case = DEFAULTS | settings
        suffix = f"temperature_{case['temperature']}"
        model_lp, model_entropy = results[case["temperature"]]

        def leaves():
            lp = model_lp.detach().double().requires_grad_()
            entropy = model_entropy.detach().double().requires_grad_()
            return lp, entropy

        given = [
            inputs[f"{case['behaviour']}_log_probs.{suffix}"].double(),
            inputs[f"reference_log_probs.{suffix}"].double(),
            inputs["advantages"].double().unsqueeze(1),
            inputs[case["mask"]].double(),
        ]
        lp, entropy = leaves()
        loss = loss_of(case, lp, entropy, *given)
        by_lp, by_entropy = torch.autograd.grad(loss, [lp, entropy], allow_unused=True)
        by_entropy = torch.zeros_like(by_lp) if by_entropy is None else by_entropy

        trl_lp, trl_entropy = leaves()
        other, metrics = trl_loss(case, trl_lp, trl_entropy, *given)
        if case["klEstimator"] == "k2":
            metrics.pop("kl")  # TRL knows k3 only
        else:
            (other_by_lp,) = torch.autograd.grad(other, [trl_lp])
            demand(abs(other.item() - loss.item()) < 1e-12, f"{name}: TRL gives {other}, the formula {loss}")
            demand((other_by_lp - by_lp).abs().max() < 1e-12, f"{name}: TRL's gradient differs")

        by_parameter = torch.autograd.grad(
            [model_lp, model_entropy],
            list(parameters.values()),
            [by_lp.float(), by_entropy.float()],
            retain_graph=True,
        )
        gradients[f"{name}/log_probs"] = by_lp.float()
        if case["entropyCoefficient"] != 0:
            gradients[f"{name}/entropies"] = by_entropy.float()
        summary, squares = {}, 0.0
        for parameter, gradient in zip(parameters, by_parameter):
            flat = gradient.double().flatten()
            squares += flat.square().sum().item()
            summary[parameter] = {"norm": flat.norm().item(), "projection": (flat @ direction(flat.numel())).item()}
            if case["hasFullGradient"]:
                gradients[f"{name}/{parameter}"] = gradient.contiguous()
        written.append(
            {"name": name}
            | case
            | {
                "loss": loss.item(),
                "gradientNorm": math.sqrt(squares),
                "metrics": {key: value for key, value in sorted(metrics.items())},
                "parameterGradients": summary,
            }
        )
        print(f"{name:28} loss {loss.item():+.6f} gradient norm {math.sqrt(squares):.4f} {metrics}")

    # The cases are worth testing: both sides clip, and delta bites.
    by_name = {case["name"]: case for case in written}
    for name in ("grpo", "dapo", "gspo", "dapo-temperature"):
        clipped = by_name[name]["metrics"]
        demand(clipped["clip_ratio/low_mean"] > 0 and clipped["clip_ratio/high_mean"] > 0, f"{name}: one side never clips")
    demand(by_name["cispo"]["metrics"]["cispo_clip_ratio"] > 0, "cispo never clips")
    demand(by_name["grpo"]["loss"] != by_name["grpo-two-sided"]["loss"], "delta has no effect")

    out = FIXTURES / "grpo"
    out.mkdir(parents=True, exist_ok=True)
    manifest = {
        "model": "models/gemma2",
        "advantageEpsilon": ADVANTAGE_EPSILON,
        "projection": "sum over the flat index i of gradient[i] * sin(i + 1)",
        "parameters": {name: list(parameter.shape) for name, parameter in parameters.items()},
        "cases": written,
    }
    (out / "cases.json").write_text(json.dumps(manifest, indent=1) + "\n")
    save_file(inputs, out / "inputs.safetensors", metadata={"format": "pt"})
    save_file(gradients, out / "gradients.safetensors", metadata={"format": "pt"})
    total = 0
    for file in out.iterdir():
        file.chmod(0o644)
        total += file.stat().st_size
        print(f"{file.name}: {file.stat().st_size} bytes")
    demand(total < 1_500_000, f"{total} bytes is too large")


if __name__ == "__main__":
    main()
