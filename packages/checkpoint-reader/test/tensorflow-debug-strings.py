"""Writes tensorflow-debug-strings.jsonl: what CheckpointReader.debug_string of TensorFlow 2.21 gives for the golden
checkpoints, in base64; only of those that are not large.

Run as: python tensorflow-debug-strings.py > tensorflow-debug-strings.jsonl
"""
import base64
import json
import pathlib

import tensorflow as tf

GOLDENS = pathlib.Path(__file__).parents[3] / "fixtures" / "goldens"

for record in sorted(GOLDENS.glob("*/expected.json")):
    folder = record.parent
    if folder.name == "corrupt":
        continue
    for checkpoint in json.loads(record.read_text())["checkpoints"]:
        text = tf.train.load_checkpoint(str(folder / checkpoint["prefix"])).debug_string()
        if len(text) < 10_000:
            line = {"checkpoint": f"{folder.name}/{checkpoint['prefix']}", "text": base64.b64encode(text).decode()}
            print(json.dumps(line))
