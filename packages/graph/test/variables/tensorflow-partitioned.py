"""Writes tensorflow-partitioned.jsonl: partitioned variables that TensorFlow 2.21 makes of a constant, and their values
as tensors, made twice, and assignments to them.

Run as: python tensorflow-partitioned.py > tensorflow-partitioned.jsonl
"""
import base64
import json

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
v1.disable_eager_execution()

CASES = [
    {"title": "rows", "shape": [7, 3], "partitions": 3, "axis": 0},
    {"title": "columns", "shape": [2, 5], "partitions": 2, "axis": 1},
    {"title": "one part", "shape": [3], "partitions": 1, "axis": 0},
    {"title": "more parts than rows", "shape": [3, 2], "partitions": 5, "axis": 0},
    {"title": "in a scope, on devices", "shape": [10, 3], "partitions": 4, "axis": 0, "scope": "sc",
     "device": "/job:ps/device:GPU:1", "as_tensor_device": "/cpu:0"},
]


def serialized(message):
    return base64.b64encode(message.SerializeToString(deterministic=True)).decode()


for case in CASES:
    for resource in (False, True):
        with tf.Graph().as_default() as graph:
            value = tf.constant(np.arange(np.prod(case["shape"]), dtype=np.float32).reshape(case["shape"]), name="value")
            with v1.variable_scope(case.get("scope", "")), tf.device(case.get("device", "")):
                variable = v1.get_variable(
                    "p", initializer=value, use_resource=resource,
                    partitioner=v1.fixed_size_partitioner(case["partitions"], axis=case["axis"]))
            parts = list(variable)
            with tf.name_scope("elsewhere"), tf.device(case.get("as_tensor_device", "")):
                with tf.control_dependencies([parts[0].initializer]):
                    tensors = [variable.as_tensor().name for _ in range(2)]
                host = np.arange(np.prod(case["shape"]), dtype=np.float32).reshape(case["shape"])
                assigned = [
                    [result.name if isinstance(result, tf.Tensor) else result._graph_element.name for result in results]
                    for results in (
                        variable.assign(host),
                        variable.assign_add(value, name="mine", use_locking=True),
                        variable.assign_sub(variable),
                        variable.assign(parts),
                        variable.assign_sub([part.initial_value for part in parts]),
                        variable.assign_add([np.ones(part.shape, np.float32) for part in parts]),
                    )]
            graph_def = graph.as_graph_def(add_shapes=True)
            graph_def.ClearField("versions")
            print(json.dumps({
                **case, "resource": resource, "name": variable.name, "variables": [serialized(v.to_proto()) for v in parts],
                "global": [v.name for v in v1.global_variables()], "tensors": tensors, "assigned": assigned, "graph": serialized(graph_def)}))
