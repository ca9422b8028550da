"""Writes test/fixtures/tokenizers/<kind>/: small tokenizers and what Hugging Face's own libraries make of some texts and chats.

An oracle outside this project for src/model/tokenizer.ts. `bytelevel` is built as those of Llama 3 and Qwen are, `metaspace` as
Gemma's is; both are trained on the sentences below. Layout: test/fixtures/README.md.

Made with Python 3.11, tokenizers 0.23.3, transformers 5.23.0, jinja2 3.1.6:

    oracle/bin/python test/oracle/tokenizer_goldens.py     (the environment of transformers_logits.py)
"""

import json
import pathlib

import tokenizers
import transformers
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

OUT = pathlib.Path(__file__).resolve().parents[1] / "fixtures" / "tokenizers"

CORPUS = [
    "A farmer has 12 hens; each lays 3 eggs a day, so in 7 days there are 12 * 3 * 7 = 252 eggs.",
    "If every glim is a tor and no tor is a vex, then no glim is a vex.",
    "<reasoning>First add 40 and 2, then check the sum.</reasoning><answer>42</answer>",
    "def area(width, height):\n    return width * height\n\nprint(area(3, 4))  # 12\n",
    "The train leaves at 9:15 and arrives at 11:40, which takes 2 hours and 25 minutes.",
    "Ice floats because water expands when it freezes; its density falls from 1.00 to 0.92 g/cm3.",
    "Summary: the committee met twice, agreed on a budget, and postponed the vote until May.",
    "She said that the answer wasn't obvious, but it's certainly larger than 3/4 and smaller than 80%.",
] * 3

TEXTS = [
    "",
    " ",
    "a",
    "Hello, world!",
    "  two leading spaces and two trailing  ",
    "line one\nline two\r\n\n\tindented by a tab",
    "def f(x):\n    if x > 0:\n        return x ** 2\n    return -x\n",
    "1234567890 + 98,765.4321 = ?",
    "12 * 3 * 7 = 252 eggs",
    "It's, we've, I'LL, don't, 'quoted'",
    "naïve façade, Zürich, ÅÄÖ, e\u0301 as two code points",
    "日本語のテキスト と 한국어",
    "עברית וערבית: العربية",
    "emoji: 🙂👩‍👩‍👧‍👦🇳🇴 done",
    "math: ∑ x² ≤ √2 · π ≈ 4.44",
    "non\u00a0breaking, thin\u2009space, zero\u200bwidth",
    "▁ a metaspace character of the text's own ▁▁",
    "control \u0000\u0001\u001b[31m and \ufffd",
    "<reasoning>First</reasoning><answer>42</answer>",
    "a run of spaces:          end",
    "A" * 60 + "é" * 20,
    "the eggs, the eggs, the eggs and the answer is 252.",
]

CHATS = [
    [{"role": "user", "content": "What is 6 times 7?"}],
    [{"role": "user", "content": "  padded \n"}, {"role": "assistant", "content": "42"}],
    [
        {"role": "user", "content": "One?"},
        {"role": "assistant", "content": "1\n"},
        {"role": "user", "content": "Two? <answer>日本</answer>"},
    ],
    [{"role": "user", "content": ""}],
]
SYSTEM = {"role": "system", "content": "Think first, then answer in <answer> tags."}

# Templates of this project, in the manner of ChatML (a system turn is optional) and of Gemma (no system turn, roles renamed).
BYTELEVEL_TEMPLATE = """\
{%- for message in messages %}
    {{- '<|turn|>' + message['role'] + '\\n' + message['content'] | trim + '<|end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|turn|>assistant\\n' }}
{%- endif %}
"""
METASPACE_TEMPLATE = """\
{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('a system turn is not supported') }}{% endif %}
{% for message in messages %}
{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('user and model must alternate') }}{% endif %}
{% set role = 'model' if message['role'] == 'assistant' else message['role'] %}
{{ '<turn>' + role + '\\n' + message['content'] | trim + '</turn>\\n' }}{% endfor %}
{% if add_generation_prompt %}{{ '<turn>model\\n' }}{% endif %}
"""


def bytelevel():
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    tokenizer.normalizer = normalizers.NFC()
    words = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(words), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|turn|>", "<|end|>"]
    tokenizer.train_from_iterator(
        CORPUS,
        trainers.BpeTrainer(
            vocab_size=420, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
        ),
    )
    tokenizer.add_tokens(["<answer>", "</answer>"])  # known words that are not special
    folder = OUT / "bytelevel"
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    # As hub checkpoints of transformers 4 have it: the template inside, the pad token apart from the end tokens.
    config = {
        "add_prefix_space": False,
        "bos_token": None,
        "chat_template": BYTELEVEL_TEMPLATE,
        "clean_up_tokenization_spaces": False,
        "eos_token": "<|end|>",
        "model_max_length": 128,
        "pad_token": "<|endoftext|>",
        "tokenizer_class": "PreTrainedTokenizerFast",
        "unk_token": None,
    }
    write_json(folder / "tokenizer_config.json", config)
    ids = [tokenizer.token_to_id("<|end|>"), tokenizer.token_to_id("<|endoftext|>")]
    write_json(folder / "generation_config.json", {"do_sample": True, "eos_token_id": ids, "pad_token_id": ids[1]})
    return folder


def metaspace():
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", behavior="merged_with_previous")
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<turn>", "</turn>"]
    byte_tokens = [f"<0x{byte:02X}>" for byte in range(256)]
    tokenizer.train_from_iterator(
        CORPUS,
        trainers.BpeTrainer(vocab_size=480, special_tokens=special + byte_tokens, show_progress=False),
    )
    # Training makes byte tokens special; in Gemma's file they are plain entries of the vocabulary.
    state = json.loads(tokenizer.to_str())
    state["added_tokens"] = [token for token in state["added_tokens"] if token["content"] in special]
    tokenizer = Tokenizer.from_str(json.dumps(state))
    bos = tokenizer.token_to_id("<bos>")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<bos> $A", pair="<bos> $A <bos> $B", special_tokens=[("<bos>", bos)]
    )
    wrapped = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<bos>",
        eos_token="<eos>",
        pad_token="<pad>",
        unk_token="<unk>",
        clean_up_tokenization_spaces=False,
    )
    wrapped.chat_template = METASPACE_TEMPLATE
    folder = OUT / "metaspace"
    # As transformers 5 saves it: the template in a file of its own.
    wrapped.save_pretrained(folder)
    return folder


def goldens(folder):
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(folder)
    specials = tokenizer.all_special_tokens
    texts = TEXTS + [f"before {specials[0]} after", "".join(specials)]
    encoded = []
    for text in texts:
        ids = tokenizer.encode(text, add_special_tokens=False)
        encoded.append(
            {
                "text": text,
                "ids": ids,
                "decoded": tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False),
                "decodedWithSpecial": tokenizer.decode(ids, skip_special_tokens=False, clean_up_tokenization_spaces=False),
            }
        )
    chats = []
    for messages in CHATS + ([[SYSTEM] + CHATS[0], [SYSTEM] + CHATS[2]] if folder.name == "bytelevel" else []):
        for prompt in (True, False):
            rendered = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=prompt)
            ids = tokenizer.encode(rendered, add_special_tokens=False)
            chats.append({"messages": messages, "addGenerationPrompt": prompt, "rendered": rendered, "ids": ids})
    # A completion cut anywhere, also inside a character, decodes to this.
    cut = tokenizer.encode("日本🙂 é", add_special_tokens=False)
    cuts = [
        {"ids": cut[:length], "decoded": tokenizer.decode(cut[:length], clean_up_tokenization_spaces=False)}
        for length in range(len(cut) + 1)
    ]
    write_json(
        folder / "goldens.json",
        {
            "vocabSize": len(tokenizer),
            "bosId": tokenizer.bos_token_id,
            "eosId": tokenizer.eos_token_id,
            "padId": tokenizer.pad_token_id,
            "texts": encoded,
            "chats": chats,
            "cuts": cuts,
        },
    )
    lost = [each["text"] for each in encoded if each["decodedWithSpecial"] != each["text"]]
    print(f"{folder.name}: {len(tokenizer)} tokens; texts that do not come back: {lost}")
    print("   " + ", ".join(f"{file.name} {file.stat().st_size}" for file in sorted(folder.iterdir())))


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1, ensure_ascii=True) + "\n")


def main():
    print(f"tokenizers {tokenizers.__version__} transformers {transformers.__version__}")
    for make in (bytelevel, metaspace):
        goldens(make())


if __name__ == "__main__":
    main()
