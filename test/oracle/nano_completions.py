"""Writes test/fixtures/nano/: what Hugging Face transformers makes of models/nano.

An oracle outside this project for the shipped policy as a whole: folder, chat template, tokenizer, decoder and greedy
decoding. Run it again whenever models/nano changes:

    python3 -m venv oracle && oracle/bin/pip install torch==2.15.0 transformers==5.23.0 safetensors==0.8.0 numpy==2.4.6
    oracle/bin/python test/oracle/nano_completions.py

`completions.json`: sha256 of model.safetensors, and per question the prompt, its ids, the ids of the greedy completion (end
token included) and its text. `logits.safetensors`: `first`, `last` float32 [questions, vocabulary], the logits that the first
and the last token of each completion were chosen from.
"""

import hashlib
import json
import pathlib
import sys

import torch
import transformers
from safetensors.torch import save_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODEL = ROOT / "models" / "nano"
OUT = ROOT / "test" / "fixtures" / "nano"
MAX_NEW_TOKENS = 112

START = """You are a helpful AI that shows reasoning step-by-step.

**Instructions:**
- Think through the problem carefully
- Show your work in <reasoning> tags
- Put your final answer in <answer> tags

**Question:**
"""
END = "\n\n**Response:**"

QUESTIONS = [
    "Add 489 and 790.",
    "Find x when 4x + 8 = 56.",
    "What does this Python code output: `t = 58\nfor x in [7, 6, 2, 5]:\n    t -= x\nprint(t)`?",
    "Eva is older than Leo. Eva is younger than Gus. Dan is younger than Leo. Dan is older than Kim. Name the youngest person.",
    "Give the output of `print([x * 7 + 9 for x in range(3, 6)])`.",
]


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    print(f"python {sys.version.split()[0]} torch {torch.__version__} transformers {transformers.__version__}")
    tokenizer = transformers.AutoTokenizer.from_pretrained(MODEL)
    model, report = transformers.AutoModelForCausalLM.from_pretrained(
        MODEL, attn_implementation="eager", dtype=torch.float32, output_loading_info=True
    )
    unused = [report[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys")]
    if any(unused):
        sys.exit(f"nano_completions: from_pretrained reports {report}")
    model.eval()
    examples, first, last = [], [], []
    for question in QUESTIONS:
        messages = [{"role": "user", "content": START + question + END}]
        prompt = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        ids = tokenizer(prompt, add_special_tokens=False, return_tensors="pt").input_ids
        output = model.generate(ids, do_sample=False, max_new_tokens=MAX_NEW_TOKENS)[0]
        completion = output[ids.shape[1] :]
        logits = model(output[None, :-1], use_cache=False).logits[0]
        chosen = logits[ids.shape[1] - 1 :]
        # Far from ties, so that rounding cannot change the completion.
        margin = (chosen.topk(2).values @ torch.tensor([1.0, -1.0])).min().item()
        if margin < 0.005:
            sys.exit(f"nano_completions: {question!r} is nearly a tie (margin {margin}); ask something else")
        first.append(chosen[0])
        last.append(chosen[-1])
        text = tokenizer.decode(completion, skip_special_tokens=True)
        examples.append(
            {
                "question": question,
                "prompt": prompt,
                "promptIds": ids[0].tolist(),
                "completionIds": completion.tolist(),
                "text": text,
            }
        )
        print(f"margin {margin:.3f}  {text!r}")
    OUT.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256((MODEL / "model.safetensors").read_bytes()).hexdigest()
    record = {"modelSha256": digest, "examples": examples}
    (OUT / "completions.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    tensors = {"first": torch.stack(first).contiguous(), "last": torch.stack(last).contiguous()}
    save_file(tensors, OUT / "logits.safetensors", metadata={"format": "pt"})
    for file in OUT.iterdir():
        file.chmod(0o644)


if __name__ == "__main__":
    main()
