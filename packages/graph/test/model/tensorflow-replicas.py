"""Writes tensorflow-replicas.jsonl: where TensorFlow's replica_device_setter puts variables and what is around them.

A line for each case: the arguments, the device scopes outside and inside, and every operation's name, type and device.
Run with TensorFlow 2.21 as: python tensorflow-replicas.py > tensorflow-replicas.jsonl
"""
import json

import tensorflow as tf

v1 = tf.compat.v1
CLUSTER = {"ps": ["a:1", "b:1"], "worker": ["c:1"], "params": ["d:1", "e:1", "f:1"]}
CASES = [
    ({"ps_tasks": 2}, "", ""),
    ({"ps_tasks": 3, "worker_device": "/job:worker/task:7"}, "", ""),
    ({"cluster": CLUSTER}, "", ""),
    ({"cluster": CLUSTER, "ps_tasks": 7}, "", ""),
    ({"cluster": CLUSTER, "ps_device": "/job:params/cpu:0", "worker_device": "/job:worker/task:0/gpu:0"}, "", ""),
    ({"cluster": CLUSTER, "ps_device": "/job:nobody"}, "/job:outside", ""),
    ({}, "/job:outside/gpu:1", ""),
    ({"ps_tasks": 2}, "/job:outside/task:5", "/gpu:1"),
    ({"ps_tasks": 2, "ps_device": "/job:ps/cpu:0"}, "", "/gpu:*"),
    ({"ps_tasks": 2}, "", "/job:ps"),
    ({"ps_tasks": 2}, "", "/job:other"),
    ({"ps_tasks": 2}, "", "/task:9"),
    ({"ps_tasks": 2, "ps_device": "/task:3"}, "", ""),
    ({"ps_tasks": 2, "ps_device": ""}, "", ""),
    ({"ps_tasks": 2, "worker_device": ""}, "/cpu:0", ""),
    ({"ps_tasks": 2, "merge_devices": False}, "", "/cpu:1"),
    ({"ps_tasks": 2, "merge_devices": False}, "/job:outside", ""),
    ({"ps_tasks": 2, "ps_ops": ["Const", "NoOp"]}, "", ""),
]


def build(arguments, outside, inside):
    with v1.Graph().as_default() as graph:
        with v1.device(outside), v1.device(v1.train.replica_device_setter(**arguments)), v1.device(inside):
            for name in "abc":
                v1.Variable([1.0], name=name, use_resource=False)
                v1.Variable([1.0], name=name + "_resource", use_resource=True)
            tf.no_op(name="done")
        return [[op.name, op.type, op.device] for op in graph.get_operations()]


for a, o, i in CASES:
    print(json.dumps({"arguments": a, "outside": o, "inside": i, "operations": build(a, o, i)}))
