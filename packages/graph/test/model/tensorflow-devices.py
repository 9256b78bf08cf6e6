"""Writes tensorflow-devices.json: how TensorFlow 2.21 reads device names and puts them together.

Run as: python tensorflow-devices.py > tensorflow-devices.json
"""
import json

import tensorflow as tf

NAMES = ["", "/", "/job:ps", "/job:ps/task:1", "/task:0/job:w/replica:3", "/cpu:0", "/CPU:0", "cpu:0", "/gpu:*", "/gpu", "/GPU:2",
         "/device:GPU:1", "/device:gpu:1", "/device:TPU:*", "/device:CPU", "/device:NPU:0", "/job:ps/cpu:0", "/job:ps/task:1/device:GPU:3",
         "/job:a/job:b", "//job:ps//cpu:0/", "/tpu:0", "/TPU_SYSTEM:0", "/device:*:0", "/device:*:*", "/replica:0", "/task:007"]
BAD = ["/nonsense:0", "/nonsense", "/job", "/job:", "/job:a:b", "/task:x", "/replica:", "/cpu:x", "/cpu:0:0", "/cpu:0/gpu:0",
       "/device:CPU:0/cpu:0", "/device:CPU:x", "/device:", "/device:a:b:c", "/xla_cpu:0", "nonsense", "/task:1.5", "/__proto__:0"]


def canonical(name):
    try:
        return tf.compat.v1.DeviceSpec.from_string(name).to_string()
    except Exception as error:
        return [type(error).__name__, str(error)]


def placed(outer, inner):
    graph = tf.Graph()
    with graph.as_default(), graph.device(outer), graph.device(inner):
        return tf.no_op().device


def safely(function, *args):
    try:
        return function(*args)
    except Exception as error:
        return [type(error).__name__, str(error)]


good = [name for name in NAMES if isinstance(canonical(name), str)]
print(json.dumps({
    "canonical": {name: canonical(name) for name in NAMES + BAD},
    "merged": [[outer, inner, safely(placed, outer, inner)] for outer in good for inner in good],
}, indent=0))
