"""Writes tensorflow-tables.jsonl: the graphs that TensorFlow 2.21 makes of mutable hash tables, of what is done with them
and of their savers.

Run as: python tensorflow-tables.py > tensorflow-tables.jsonl
"""
import base64
import json

import tensorflow as tf
from tensorflow.python.training.saver import BulkSaverBuilder

v1 = tf.compat.v1
v1.disable_eager_execution()

# Tables are [name, key dtype, value dtype, default value, device, scope, checkpoint]. A saver's var list is "collection",
# "list", or names for the tables.
TAB = ["tab", "string", "int64", -1, "", "", True]
CASES = {
    "a table of the collection": ([TAB], ["collection"]),
    "a table in a list": ([TAB], ["list"]),
    "a table by name": ([TAB], [["words"]]),
    "all three ways": ([TAB], ["collection", "list", ["words"]]),
    "a table that no saver asks for": ([[*TAB[:-1], False]], [["words"]]),
    "tables of one name, on a device, in scopes": (
        [["tab", "int64", "string", "?", "/job:ps/device:GPU:0", "outer", True], ["a/tab", "string", "float32", 0.5, "", "", True]],
        ["collection", ["x", "y"]]),
}


def serialized(message):
    return base64.b64encode(message.SerializeToString(deterministic=True)).decode()


for title, (tables, savers) in CASES.items():
    with tf.Graph().as_default() as graph:
        made = []
        for name, key_dtype, value_dtype, default, device, scope, checkpoint in tables:
            with graph.device(device), graph.name_scope(scope):
                made.append(tf.lookup.experimental.MutableHashTable(
                    tf.as_dtype(key_dtype), tf.as_dtype(value_dtype), default_value=default, name=name, checkpoint=checkpoint))
        with graph.device("/cpu:0"):
            for table, (_, key_dtype, value_dtype, default, *_) in zip(made, tables):
                key = "k" if key_dtype == "string" else 7
                table.insert([key], [default])
                table.lookup([[key], [key]])
                table.lookup(tf.constant(key, key_dtype, name="key"))
                table.size()
                table.export()
        for saver in savers:
            items = v1.get_collection(v1.GraphKeys.SAVEABLE_OBJECTS) if saver == "collection" else made
            BulkSaverBuilder().build(items if isinstance(saver, str) else dict(zip(saver, made)))
        graph_def = graph.as_graph_def(add_shapes=True)
        graph_def.ClearField("versions")
        print(json.dumps({"title": title, "tables": tables, "savers": savers, "graph": serialized(graph_def)}))
