"""Builds described objects, and writes or restores checkpoints of them.

usage: objects.py write|restore FOLDER

FOLDER/cases.json lists descriptions, each with what is called: save or write. `write` writes theirs-<n>/ckpt of every case.
`restore` builds every case with other values, restores ours-<n>/ckpt, asserts that all of it was consumed, and writes what
it has then as again-<n>/ckpt.
"""

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow as tf

OPTIMIZERS = {
    "momentum": lambda: tf.compat.v1.train.MomentumOptimizer(0.1, 0.9),
    "adam": lambda: tf.compat.v1.train.AdamOptimizer(0.1),
    "adagrad": lambda: tf.compat.v1.train.AdagradOptimizer(0.1),
}


class Text(tf.train.experimental.PythonState):
    def __init__(self, text):
        self.text = text

    def serialize(self):
        return self.text

    def deserialize(self, text):
        self.text = text.decode()


class Builder:
    """Builds what a description says; `blank` gives everything another value."""

    def __init__(self, blank=False):
        self.blank = blank
        self.by_id = {}

    def make(self, described):
        if "ref" in described:
            return self.by_id[described["ref"]]
        made = getattr(self, described["kind"])(described)
        if "id" in described:
            self.by_id[described["id"]] = made
        if described["kind"] == "object":
            for name, child in described.get("children", []):
                setattr(made, name, self.make(child))
        return made

    def variable(self, described):
        dtype = tf.as_dtype(described["dtype"])
        values = described["values"]
        if dtype == tf.string:
            value = np.array(values, dtype=object)
        elif dtype.is_complex:
            value = np.array([complex(*pair) for pair in values]).astype(dtype.as_numpy_dtype)
        else:
            value = np.array(values).astype(dtype.as_numpy_dtype)
        value = value.reshape(described.get("shape", value.shape))
        if self.blank:
            value = np.full_like(value, b"" if dtype == tf.string else 0)
        return tf.Variable(tf.constant(value, dtype), name=described.get("name"))

    def object(self, _):
        return tf.Module()

    def list(self, described):
        return [self.make(item) for item in described["items"]]

    def tuple(self, described):
        return tuple(self.list(described))

    def dict(self, described):
        return {name: self.make(item) for name, item in described["items"]}

    def value(self, described):
        return described["value"]

    def python_state(self, described):
        return Text("" if self.blank else described["value"])

    def table(self, described):
        table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
        entries = [["other", 0]] if self.blank else described["entries"]
        if entries:
            table.insert([key for key, _ in entries], tf.constant([value for _, value in entries], tf.int64))
        return table

    def optimizer(self, described):
        made = OPTIMIZERS[described["name"]]()
        variables = [self.by_id[of] for of in described["of"]]
        made._create_slots(variables)
        for number, slot_name in enumerate(sorted(made.get_slot_names())):
            for variable in variables:
                slot = made.get_slot(variable, slot_name)
                slot.assign(tf.fill(slot.shape, float(0 if self.blank else described["value"] + number)))
        return made

    def checkpoint(self, described):
        root = [self.make(described["root"])] if "root" in described else []
        return tf.train.Checkpoint(*root, **{name: self.make(child) for name, child in described["kwargs"]})


def write(folder, cases):
    for number, case in enumerate(cases):
        checkpoint = Builder().checkpoint(case["build"])
        getattr(checkpoint, case["call"])(os.path.join(folder, f"theirs-{number}", "ckpt"))
    return len(cases)


def restore(folder, cases):
    for number, case in enumerate(cases):
        checkpoint = Builder(blank=True).checkpoint(case["build"])
        saved = os.path.join(folder, f"ours-{number}", "ckpt")
        if case["call"] == "save":
            status = checkpoint.restore(saved + "-1")
        else:
            status = checkpoint.read(saved)
        try:
            status.assert_consumed()
        except AssertionError as error:
            raise AssertionError(f"case {number}: {error}") from error
        checkpoint.write(os.path.join(folder, f"again-{number}", "ckpt"))
    return len(cases)


def main():
    step, folder = sys.argv[1:]
    with open(os.path.join(folder, "cases.json")) as file:
        cases = json.load(file)
    print(json.dumps({"write": write, "restore": restore}[step](folder, cases)))


main()
