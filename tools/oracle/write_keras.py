"""Writes models with Keras, and prints their weights under the names that they have in the files."""

import json
import os
import sys
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
from form import form
from keras.src.utils.naming import to_snake_case

folder = sys.argv[1]


def named(model):
    """Returns the weights by the rule that the README states, in the order of `get_weights`."""
    found, used = {}, {}
    for layer in model.layers:
        name = to_snake_case(layer.__class__.__name__)
        used[name] = used.get(name, -1) + 1
        group = f"{name}_{used[name]}" if used[name] else name
        for i, weight in enumerate(layer.weights):
            value = keras.ops.convert_to_numpy(weight)
            found[f"layers/{group}/vars/{i}"] = form(value, keras.backend.standardize_dtype(weight.dtype))
    assert len(found) == len(model.get_weights())
    return found


def small():
    return keras.Sequential([
        keras.layers.Input((8, 8, 1)), keras.layers.Conv2D(2, 3), keras.layers.BatchNormalization(),
        keras.layers.Flatten(), keras.layers.Dense(5), keras.layers.Dense(3)])


def mixed():
    return keras.Sequential([
        keras.layers.Input((4,)), keras.layers.Dense(3, dtype="bfloat16"), keras.layers.Dense(3, dtype="float16"),
        keras.layers.Dense(2, dtype="float64"), keras.layers.Dense(700)])


keras.utils.set_random_seed(7)
result = []
for build in (small, mixed):
    model = build()
    size = model.input_shape[1:]
    model.compile("adam", "mse")
    model.fit(np.ones((4, *size)), np.ones((4, model.output_shape[-1])), verbose=0)
    path = os.path.join(folder, build.__name__)
    model.save(path + ".keras")
    model.save_weights(path + ".weights.h5")
    # As many files as there can be: none is smaller than the largest weight.
    largest = max(weight.nbytes for weight in model.get_weights())
    model.save_weights(path + ".weights.json", max_shard_size=largest / 1024**3)
    with zipfile.ZipFile(path + ".keras") as stored, \
            zipfile.ZipFile(path + "-packed.keras", "w", zipfile.ZIP_DEFLATED) as packed:
        for name in stored.namelist():
            packed.writestr(name, stored.read(name))
    for ending in (".keras", ".weights.h5", ".weights.json", "-packed.keras"):
        result.append({"path": path + ending, "weights": named(model)})
with open(os.path.join(folder, "expected.json"), "w") as file:
    json.dump(result, file)
