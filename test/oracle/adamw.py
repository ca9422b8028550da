"""Writes test/fixtures/optimizer/adamw.json: ten updates of torch.optim.AdamW, clipped, with warm-up and cosine decay.

An oracle outside this project for src/learner's optimizer. Layout: test/fixtures/README.md.

Made with Python 3.11, torch 2.15.0 (CPU), transformers 5.23.0 (for its cosine schedule): see grpo_losses.py.

    oracle/bin/python test/oracle/adamw.py
"""

import json
import pathlib

import torch
import transformers

SEED = 20240802
SIZE = 37
UPDATES = 10
WARMUP_UPDATES = 3
CASES = [
    {"name": "with weight decay", "weightDecay": 0.1, "maxGradientNorm": 1.0, "learningRate": 0.02},
    {"name": "without weight decay", "weightDecay": 0.0, "maxGradientNorm": 0.1, "learningRate": 0.001},
]
BETA1, BETA2, EPSILON = 0.9, 0.99, 1e-8


def exact(values):
    """float32 values as the shortest doubles that read back to the same float32."""
    return [float(value) for value in values]


def run(case, generator):
    parameter = torch.nn.Parameter(torch.randn(SIZE, generator=generator))
    # Norms from 0.3 to 6: some updates are clipped, some are not. One element never has a gradient.
    scales = torch.linspace(0.05, 1.0, UPDATES)
    gradients = torch.randn(UPDATES, SIZE, generator=generator) * scales[:, None]
    gradients[:, 5] = 0.0
    optimizer = torch.optim.AdamW(
        [parameter],
        lr=case["learningRate"],
        betas=(BETA1, BETA2),
        eps=EPSILON,
        weight_decay=case["weightDecay"],
        foreach=False,
    )
    schedule = transformers.get_cosine_schedule_with_warmup(optimizer, WARMUP_UPDATES, UPDATES)
    record = {
        "initial": exact(parameter.detach()),
        "gradients": [exact(row) for row in gradients],
        "learningRates": [],
        "gradientNorms": [],
        "parameters": [],
        "firstMoments": [],
        "secondMoments": [],
    }
    for gradient in gradients:
        parameter.grad = gradient.clone()
        norm = torch.nn.utils.clip_grad_norm_([parameter], case["maxGradientNorm"])
        record["learningRates"].append(optimizer.param_groups[0]["lr"])
        record["gradientNorms"].append(float(norm))
        optimizer.step()
        schedule.step()
        state = optimizer.state[parameter]
        record["parameters"].append(exact(parameter.detach()))
        record["firstMoments"].append(exact(state["exp_avg"]))
        record["secondMoments"].append(exact(state["exp_avg_sq"]))
    clipped = sum(norm > case["maxGradientNorm"] for norm in record["gradientNorms"])
    print(f"{case['name']}: {clipped} of {UPDATES} updates clipped, rates {record['learningRates']}")
    return case | {"beta1": BETA1, "beta2": BETA2, "epsilon": EPSILON, "warmupUpdates": WARMUP_UPDATES} | record


def main():
    generator = torch.Generator().manual_seed(SEED)
    out = pathlib.Path(__file__).resolve().parents[1] / "fixtures" / "optimizer"
    out.mkdir(parents=True, exist_ok=True)
    cases = [run(case, generator) for case in CASES]
    (out / "adamw.json").write_text(json.dumps({"cases": cases}) + "\n")


if __name__ == "__main__":
    main()
