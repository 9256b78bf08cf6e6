"""Writes object-based checkpoints, and an expected.json with the content that TensorFlow reads from each."""

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow as tf
from form import form
from tensorflow.core.protobuf import trackable_object_graph_pb2

GRAPH_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH"


class Dense(tf.Module):
    def __init__(self, inputs, outputs, name=None):
        super().__init__(name=name)
        self.kernel = tf.Variable(tf.random.stateless_uniform([inputs, outputs], [inputs, outputs]), name="kernel")
        self.bias = tf.Variable(tf.zeros([outputs], tf.float64), name="bias")


class Network(tf.Module):
    def __init__(self):
        super().__init__(name="network")
        self.layers = [Dense(3, 4), Dense(4, 2)]
        self.by_name = {"head": Dense(2, 1), "wörter": Dense(1, 1)}
        self.step = tf.Variable(7, dtype=tf.int64)
        self.vocabulary = tf.Variable(["a", "", "ü"])

    @tf.function(input_signature=[tf.TensorSpec([None, 3])])
    def __call__(self, x):
        for layer in self.layers:
            x = x @ layer.kernel
        return x


def content(prefix):
    reader = tf.train.load_checkpoint(prefix)
    dtypes = {name: tf.dtypes.as_dtype(dtype).name for name, dtype in reader.get_variable_to_dtype_map().items()}
    graph = trackable_object_graph_pb2.TrackableObjectGraph()
    graph.ParseFromString(reader.get_tensor(GRAPH_KEY))
    attributes = [a for node in graph.nodes for a in node.attributes]
    children = [[[c.local_name, c.node_id] for c in node.children] for node in graph.nodes]
    return {
        "tensors": {name: form(reader.get_tensor(name), dtype) for name, dtype in dtypes.items()},
        "mapping": {a.full_name: a.checkpoint_key for a in attributes},
        "children": children,
    }


def keras_checkpoint(folder):
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.BatchNormalization(),
                              keras.layers.Dense(1)])
    optimizer = keras.optimizers.Adam(0.01)
    model.compile(optimizer, "mse")
    model.fit(np.ones([8, 3], np.float32), np.zeros([8, 1], np.float32), epochs=1, verbose=0)
    return tf.train.Checkpoint(model=model, optimizer=optimizer).save(os.path.join(folder, "keras"))


def main(folder):
    network = Network()
    manager = tf.train.CheckpointManager(tf.train.Checkpoint(net=network), folder, 2, checkpoint_name="modules")
    tf.saved_model.save(network, os.path.join(folder, "saved-model"))
    paths = {
        "modules": manager.save(),
        "keras": keras_checkpoint(folder),
        "saved model": os.path.join(folder, "saved-model", "variables", "variables"),
    }
    expected = {name: {"prefix": path, **content(path)} for name, path in paths.items()}
    with open(os.path.join(folder, "expected.json"), "w") as file:
        json.dump(expected, file)


main(sys.argv[1])
