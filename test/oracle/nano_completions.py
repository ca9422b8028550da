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
MAX_NEW_TOKENS = 200

START = """You are a helpful AI that shows reasoning step-by-step.

**Instructions:**
- Think through the problem carefully
- Show your work in <reasoning> tags
- Put your final answer in <answer> tags

**Question:**
"""
END = "\n\n**Response:**"

QUESTIONS = [
    "Pablo packs dice with an edge of 2 centimetres into a water trough in Malmo that measures 6 by 6 by 4 centimetres inside. How many fit? Show your work.",
    "A supply of 5 litres of honey is shared out by Mateo in portions of 1/1 litre, one for each jar. How many portions is that? Reason it out before you answer.",
    "For a quiz show, Aiko from Izmir tests a few lines of Python. Follow the value of level: what does the last line print? Give your reasoning first.\n```python\nreadings = [7, 1, 1]\nlevel = 10\nfor part in readings:\n    level += part\nprint(level)\n```",
    "In a dance group in Tromso the following is known. Ravi is louder than Elena. Jonas is quieter than Elena. Mateo is quieter than Jonas. Who is the third loudest of these 4? Work carefully and check the result.",
    "A force of 42 N acts on a shopping cart of 7 kg without friction, in a hall in Riga where Zainab measures. What acceleration does it get, in metres per second squared? Explain how you get there.",
    "For a thermostat, Mateo from Izmir tests a few lines of Python. What does it print? Reason it out before you answer.\n```python\ndef step(x):\n    return x * 6 + 2\nprint(step(3))\n```",
    "Extract the key points from these notes for the members of the museum friends who were absent. Use 10 to 30 words and keep the facts \"pond\", \"trees\". Write down each step.\n\nNotes of a meeting of the museum friends in Nairobi, with 24 members present. The minutes of the last meeting were found in a drawer. After a discussion that Aiko opened, it was decided to clean the pond for 190 crowns. A dog had to be led out. After a discussion that Priya opened, it was decided to plant nine trees for 430 crowns. Somebody asked about the key to the cellar. Elena closed the meeting at nine.",
    "Clara needs a text for a wall newspaper in Graz. Explain memory through a metaphor that Leila could use, comparing it with an attic. Use \"an attic\", \"compass\", and stay between 30 and 80 words. Write down each step.",
    "The age of Zainab is 3 times that of Rosa. If Zainab and Rosa from Izmir have 44 years in all, how old is Zainab? Write down each step.",
    "The following Python code runs in a fishing log in Cork; Sofia maintains it. What number does it print, that is, how often does the innermost line run? Work carefully and check the result.\n```python\nscore = 0\nfor p in range(15):\n    for q in range(p):\n        score += 1\nprint(score)\n```",
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
