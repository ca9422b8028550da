"""Writes test/fixtures/grpo/advantages.json: group-relative advantages from rewards.

An oracle outside this project for the learner's advantages: TRL's rule (GRPOTrainer of trl 1.16.0), in PyTorch float64:
(reward - mean of the group) / (sample standard deviation, ddof = 1, + 1e-4). Layout: test/fixtures/README.md.

    oracle/bin/python test/oracle/advantages.py     (the environment of grpo_losses.py)
"""

import json
import pathlib

import torch

EPSILON = 1e-4
SEED = 20240803
generator = torch.Generator().manual_seed(SEED)

REWARDS = {
    "one right of four": [[0.0, 0.0, 1.0, 0.0]],
    "two groups": [[1.0, 0.0, 1.0, 1.0], [0.25, 0.5, 0.75, 1.0]],
    "all equal": [[0.3, 0.3, 0.3], [1.0, 1.0, 1.0]],
    "a group of one": [[0.7]],
    "a group of two": [[0.0, 1e-3]],
    "negative and large": [[-100.0, 250.5, 3.25, 0.0, -7.0]],
    "random": torch.randn(4, 8, generator=generator, dtype=torch.float64).tolist(),
}


def group_scale(rewards):
    deviation = rewards.std(dim=1, keepdim=True) if rewards.shape[1] > 1 else torch.zeros(len(rewards), 1)
    return deviation.double()


def batch_scale(rewards):
    deviation = rewards.std() if rewards.numel() > 1 else torch.zeros(())
    return deviation.double().expand(len(rewards), 1)


def main():
    cases = []
    for name, values in REWARDS.items():
        rewards = torch.tensor(values, dtype=torch.float64)
        centred = rewards - rewards.mean(dim=1, keepdim=True)
        cases.append(
            {
                "name": name,
                "rewards": values,
                "deviations": group_scale(rewards).flatten().tolist(),
                "advantages": {
                    "group": (centred / (group_scale(rewards) + EPSILON)).tolist(),
                    "batch": (centred / (batch_scale(rewards) + EPSILON)).tolist(),
                    "none": centred.tolist(),
                },
            }
        )
    out = pathlib.Path(__file__).resolve().parents[1] / "fixtures" / "grpo"
    out.mkdir(parents=True, exist_ok=True)
    (out / "advantages.json").write_text(json.dumps({"epsilon": EPSILON, "cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
