"""Writes tensorflow-collections.jsonl: collections as TensorFlow 2.21 exports and imports them.

The graph has the reference variable `v`, the resource variable `r` and the operation `n`. A value is [kind, text].
Run as: python tensorflow-collections.py > tensorflow-collections.jsonl
"""
import base64
import json

import tensorflow as tf
from google.protobuf import any_pb2
from tensorflow.core.protobuf import saver_pb2
from tensorflow.python.framework import meta_graph
from tensorflow.python.training import saver

v1 = tf.compat.v1
v1.disable_eager_execution()


def value(graph, kind, text):
    if kind == "text":
        return text
    if kind == "bytes":
        return base64.b64decode(text)
    if kind == "int":
        return int(text)
    if kind == "float":
        return float(text)
    if kind == "bool":
        return text == "true"
    if kind == "none":
        return None
    if kind == "any":
        return any_pb2.Any(type_url="type.googleapis.com/" + text, value=b"\x01\x02")
    if kind == "operation":
        return graph.get_operation_by_name(text)
    if kind == "tensor":
        return graph.get_tensor_by_name(text)
    if kind == "variable":
        return next(variable for variable in v1.global_variables() if variable.name == text)
    if kind == "saver":
        return v1.train.Saver(saver_def=saver_pb2.SaverDef(save_tensor_name=text, restore_op_name="r", version=2))
    if kind == "saveable":
        return saver.BaseSaverBuilder.SaveableObject(None, [], text)
    if kind == "empty saver":
        return v1.train.Saver([], allow_empty=True)
    raise AssertionError(kind)


V, R, N = ["variable", "v:0"], ["variable", "r:0"], ["operation", "n"]
T = ["tensor", "v/read:0"]
CASES = [
    ["k", [["text", "a"], ["text", "é"], ["text", ""]]],
    ["k", [["bytes", "/wA="], ["text", "a"]]],
    ["k", [["text", "a"], ["bytes", "/wA="]]],
    ["k", [["text", "a"], ["int", "1"]]],
    ["k", [["text", "a"], N]],
    ["k", [["int", "1"], ["int", "-9223372036854775808"], ["int", "9223372036854775807"]]],
    ["k", [["int", "9223372036854775808"]]],
    ["k", [["int", "-9223372036854775809"]]],
    ["k", [["int", "1"], ["float", "1.5"]]],
    ["k", [["int", "1"], ["text", "a"]]],
    ["k", [["float", "1.5"], ["int", "3"], ["float", "0.1"]]],
    ["k", [["float", "inf"], ["float", "nan"], ["float", "-0.0"]]],
    ["k", [["float", "1e300"], ["float", "-1e300"]]],
    ["k", [["float", "1.5"], ["text", "a"]]],
    ["k", [["float", "1.5"], ["bool", "true"]]],
    ["k", [["bool", "true"]]],
    ["k", [["none", ""]]],
    ["k", [["any", "some.Message"], ["any", "other.Message"]]],
    ["k", [["any", "some.Message"], ["text", "a"]]],
    ["k", [N, T, V, R]],
    ["k", [N, ["text", "a"]]],
    ["k", [N, ["int", "1"]]],
    ["k", []],
    ["__proto__", [["text", "a"]]],
    ["constructor", [["text", "a"]]],
    ["variables", [V, R]],
    ["trainable_variables", [V]],
    ["local_variables", [V]],
    ["model_variables", [V]],
    ["moving_average_variables", [R]],
    ["metric_variables", [V]],
    ["global_step", [V]],
    ["concatenated_variables", [V]],
    ["trainable_resource_variables", [R]],
    ["variables", [V, N]],
    ["savers", [["saver", "a:0"], ["saver", "b:0"]]],
    ["savers", [["saver", "a:0"], ["empty saver", ""]]],
    ["savers", [["empty saver", ""]]],
    ["savers", [["text", "a"]]],
    ["train_op", [N]],
    ["saveable_objects", [["saveable", "n"]]],
]


def form(item):
    """What a test can compare of an imported value."""
    if isinstance(item, bytes):
        return ["bytes", base64.b64encode(item).decode()]
    if isinstance(item, int):
        return ["int", str(item)]
    if isinstance(item, float):
        return ["float", repr(item)]
    if isinstance(item, any_pb2.Any):
        return ["any", base64.b64encode(item.SerializeToString()).decode()]
    if isinstance(item, (v1.Variable, tf.Variable)):
        return ["variable", item.name]
    if isinstance(item, tf.Operation):
        return ["operation", item.name]
    if isinstance(item, tf.Tensor):
        return ["tensor", item.name]
    return ["saver", item.as_saver_def().save_tensor_name]


for key, values in CASES:
    record = {"key": key, "values": values}
    with tf.Graph().as_default() as graph:
        v1.Variable(1.0, name="v", use_resource=False)
        v1.Variable(1.0, name="r", use_resource=True)
        tf.no_op(name="n")
        items = [value(graph, *one) for one in values]
        graph.clear_collection(key)
        for item in items:
            graph.add_to_collection(key, item)
        meta = v1.train.export_meta_graph(collection_list=[key])
        if key in meta.collection_def:
            record["def"] = base64.b64encode(meta.collection_def[key].SerializeToString(deterministic=True)).decode()
    if "def" in record:
        with tf.Graph().as_default() as graph:
            meta_graph.import_scoped_meta_graph(meta)
            record["imported"] = [form(item) for item in graph.get_collection(key)]
    print(json.dumps(record))
