"""Writes tensorflow-savers.jsonl: the graphs that builders of TensorFlow 2.21 make of variables, and their SaverDefs.

A variable is its name, whether it is a resource, its dtype, its shape (null: unknown), and its device.
Run as: python tensorflow-savers.py > tensorflow-savers.jsonl
"""
import base64
import contextlib
import json

import numpy as np
import tensorflow as tf
from tensorflow.python.training.saver import BaseSaverBuilder, BulkSaverBuilder

v1 = tf.compat.v1
v1.disable_eager_execution()

REFS = [["a", False, "float32", [2], ""], ["b", False, "int32", [], ""]]
RESOURCES = [["a", True, "float32", [2], ""], ["b", True, "int32", [], ""]]
MIXED = [["a", True, "float32", [], "/gpu:0"], ["b", True, "float32", [], ""], ["c", False, "float32", [], "/gpu:0"]]
TASKS = [["a", False, "float32", [], "/job:ps/task:0"], ["b", False, "float32", [], "/job:ps/task:1"]]
UNKNOWN = [["a", False, "float32", [2], ""], ["u", False, "float32", None, ""]]
UNKNOWN_RESOURCES = [["a", True, "float32", [2, 3], ""], ["u", True, "float32", None, ""]]
MANY = [["v%d" % i, False, "float32", [], ""] for i in range(12)]

CASES = {
    "5.2 reference variables": (REFS, [{}]),
    "5.3 resource variables": (RESOURCES, [{}]),
    "5.3 other names": (RESOURCES, [{"names": {"xb": 1, "ya": 0}}]),
    "keys that objects sort as numbers": (MANY, [{"names": {"b": 3, "10": 0, "2": 1, "1": 2}}]),
    "keys of all planes": (MANY, [{"names": {"\ue000": 0, "\U0001f600": 1, "é": 2, "Z": 3, "": 4}}]),
    "more than ten variables": (MANY, [{}]),
    "5.8 reshape": (UNKNOWN, [{"reshape": True}]),
    "5.8 reshape of resources": (UNKNOWN_RESOURCES, [{"reshape": True}]),
    "5.8 unknown shapes without reshape": (UNKNOWN, [{}]),
    "5.10 mixed devices": (MIXED, [{}]),
    "5.10 mixed devices, one restore each": (MIXED, [{"base": True}]),
    "5.10 two tasks": (TASKS, [{}]),
    "5.11 a second saver": (REFS, [{}, {"list": [1]}, {"name": "save"}]),
    "5.11 a name and a second": (REFS, [{"name": "my"}, {"name": "my"}]),
    "5.11 a scope entered again": (REFS, [{"name": "my/"}, {"name": "my/"}]),
    "5.11 a name with a slash": (REFS, [{"name": "a/b"}]),
    "5.11 no name": (REFS, [{"name": ""}]),
    "5.11 a file name": (RESOURCES, [{"filename": "/x/zz"}, {"filename": ""}]),
    "5.11 one restore each": (REFS, [{"base": True}]),
    "limits": (REFS, [{"max_to_keep": None, "hours": None}, {"max_to_keep": 3, "hours": 0.7}]),
    "5.7 in sequence": (REFS, [{"restore_sequentially": True}]),
    "an outer scope and device": (REFS, [{"scope": "outer", "device": "/job:worker/gpu:0"}]),
    "outer control dependencies": (RESOURCES, [{"control": ["a/Assign"]}]),
}


def serialized(message):
    return base64.b64encode(message.SerializeToString(deterministic=True)).decode()


def make(name, resource, dtype, shape, device):
    value = tf.constant(np.zeros(shape or [], dtype), name=name + "_value")
    with tf.device(device):
        if shape is None:
            value = v1.placeholder_with_default(value, None, name=name + "_unknown")
            return v1.Variable(value, name=name, use_resource=resource, validate_shape=False)
        return v1.Variable(value, name=name, use_resource=resource)


def build(graph, variables, options):
    builder = BaseSaverBuilder() if options.get("base") else BulkSaverBuilder()
    chosen = [variables[i] for i in options.get("list", range(len(variables)))]
    if "names" in options:
        chosen = {name: variables[i] for name, i in options["names"].items()}
    with contextlib.ExitStack() as scopes:
        scopes.enter_context(graph.device(options.get("device", "")))
        if "scope" in options:
            scopes.enter_context(graph.name_scope(options["scope"]))
        scopes.enter_context(graph.control_dependencies([graph.get_operation_by_name(name) for name in options.get("control", [])]))
        return builder.build(
            chosen, reshape=options.get("reshape", False), max_to_keep=options.get("max_to_keep", 5),
            keep_checkpoint_every_n_hours=options.get("hours", 10000.0), name=options.get("name"),
            restore_sequentially=options.get("restore_sequentially", False), filename=options.get("filename", "model"))


for title, (variables, savers) in CASES.items():
    with tf.Graph().as_default() as graph:
        made = [make(*variable) for variable in variables]
        defs = [serialized(build(graph, made, options)) for options in savers]
        graph_def = graph.as_graph_def(add_shapes=True)
        graph_def.ClearField("versions")
        print(json.dumps({"title": title, "variables": variables, "savers": savers, "graph": serialized(graph_def), "saverDefs": defs}))
