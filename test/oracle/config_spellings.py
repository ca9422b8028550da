"""Writes test/fixtures/configs/<name>.v5.json: what transformers 5 makes of each <name>.json.

The <name>.json files are written by hand: the settings of published checkpoints in the spelling of transformers 4, as on the
hub, and per family a `minimal` file that leaves everything to the defaults. Saved again by transformers 5 they have
its spelling (`rope_parameters`, `layer_types`) and every default written out. Both must read as the same decoder.

Made with Python 3.11, transformers 5.23.0:

    oracle/bin/python test/oracle/config_spellings.py     (the environment of transformers_logits.py)
"""

import json
import pathlib

import transformers

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "fixtures" / "configs"


def main():
    for path in sorted(FOLDER.glob("*.json")):
        if path.name.endswith(".v5.json"):
            continue
        classic = json.loads(path.read_text())
        config = transformers.CONFIG_MAPPING[classic["model_type"]](**classic)
        spelled = config.to_dict()
        path.with_suffix(".v5.json").write_text(json.dumps(spelled, indent=2, sort_keys=True) + "\n")
        print(f"{path.name}: {len(classic)} keys, {len(spelled)} spelled out")


if __name__ == "__main__":
    main()
