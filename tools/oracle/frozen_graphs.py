"""Builds graphs with variables of every kind, and runs what was frozen from them."""

import os

import numpy as np
import tensorflow as tf
from form import form

v1 = tf.compat.v1

# Constants can be folded, which rounds otherwise, so nothing is optimized.
PLAIN = v1.ConfigProto()
PLAIN.graph_options.rewrite_options.disable_meta_optimizer = True
PLAIN.graph_options.optimizer_options.opt_level = v1.OptimizerOptions.L0


def variable(name, value, resource, dtype=tf.float32):
    return v1.get_variable(name, initializer=tf.constant(value, dtype), use_resource=resource)


def dense(resource):
    x = v1.placeholder(tf.float32, [None, 3], "x")
    w = variable("w", np.arange(6).reshape(3, 2) / 7, resource)
    b = variable("b", [0.5, -1], resource)
    with v1.variable_scope("unused"):
        variable("v", [1.0], resource)
    return tf.nn.softmax(tf.matmul(x, w) + b, name="out"), {"x": [[1, 2, 3]]}


def partitioned(resource):
    w = v1.get_variable("w", [7, 2], initializer=v1.random_uniform_initializer(seed=1), use_resource=resource,
                        partitioner=v1.fixed_size_partitioner(3))
    x = v1.placeholder(tf.float32, [None, 7], "x")
    return tf.matmul(x, tf.convert_to_tensor(w), name="out"), {"x": [[1, 2, 3, 4, 5, 6, 7]]}


def embedding(resource):
    table = variable("table", np.arange(10).reshape(5, 2) / 3, resource)
    ids = v1.placeholder(tf.int32, [None], "x")
    return tf.identity(tf.nn.embedding_lookup(table, ids), "out"), {"x": [3, 0, 4]}


def loop(resource):
    w = variable("w", [[0.5, 1], [2, -1]], resource)
    x = v1.placeholder(tf.float32, [None, 2], "x")
    _, y = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, tf.matmul(y, w)), [0, x])
    return tf.identity(y, "out"), {"x": [[1, 2]]}


def branch(resource):
    a, b = variable("a", 2.0, resource), variable("b", [3.0, 4], resource)
    x = v1.placeholder(tf.float32, [2], "x")
    y = v1.cond(x[0] > 0, lambda: x * a, lambda: x + b)
    return tf.identity(y, "out"), {"x": [-1, 5]}


def nested(resource):
    w, table = variable("w", 2.0, resource), variable("table", [[1.0, 2], [3, 4]], resource)
    x = v1.placeholder(tf.float32, [2], "x")
    body = lambda i, y: (i + 1, v1.cond(i > 0, lambda: y * w, lambda: y + tf.gather(table, i)))
    _, y = tf.while_loop(lambda i, y: tf.cast(i, tf.float32) < w + 1, body, [0, x])
    return tf.identity(y, "out"), {"x": [1, 2]}


def dtypes(resource):
    parts = [tf.cast(variable(dtype.name, [[1, 2]], resource, dtype), tf.float32)
             for dtype in (tf.float64, tf.int32, tf.int64, tf.bfloat16, tf.float16, tf.uint8)]
    words = v1.get_variable("words", initializer=tf.constant(["7", "8"]), use_resource=resource)
    empty = variable("empty", np.zeros((0, 2)), resource)
    x = v1.placeholder(tf.float32, [1, 2], "x")
    return tf.concat(parts + [x, [v1.strings.to_number(words)], empty], 0, name="out"), {"x": [[5, 6]]}


def call(resource):
    w = variable("w", [1.0, 2], True)
    inner = tf.function(lambda x: x * w)
    outer = tf.function(lambda x: inner(x) + tf.cast(tf.shape(w)[0], tf.float32))
    x = v1.placeholder(tf.float32, [2], "x")
    return tf.identity(outer(x), "out"), {"x": [3, 4]}


def convolution(resource):
    x = v1.placeholder(tf.float32, [None, 4, 4, 1], "x")
    kernel = variable("kernel", np.arange(18).reshape(3, 3, 1, 2) / 5, resource)
    mean, variance = variable("mean", [0.5, 1], resource), variable("variance", [2.0, 3], resource)
    scale, offset = variable("scale", [1.0, 2], resource), variable("offset", [0.0, 1], resource)
    y = tf.nn.conv2d(x, kernel, 1, "SAME")
    y = tf.nn.batch_normalization(y, mean, variance, offset, scale, 1e-3)
    return tf.nn.relu(y, name="out"), {"x": (np.arange(16) / 4).reshape(1, 4, 4, 1).tolist()}


BUILDERS = {f.__name__: f for f in (dense, partitioned, embedding, loop, branch, nested, dtypes, call, convolution)}


def make_graphs(folder):
    """Saves a model of each kind, with references and with resources, with both kinds of control flow."""
    made = []
    for name, build in BUILDERS.items():
        for resource in (False, True):
            for functional in (False, True):
                title = f"{name}-{'resource' if resource else 'ref'}-{'functions' if functional else 'switches'}"
                (v1.enable_control_flow_v2 if functional else v1.disable_control_flow_v2)()
                with v1.Graph().as_default(), v1.Session(config=PLAIN) as session:
                    out, feeds = build(resource)
                    session.run(v1.global_variables_initializer())
                    prefix = v1.train.Saver().save(session, os.path.join(folder, title, "model"))
                    value = session.run(out, {f"{k}:0": v for k, v in feeds.items()})
                    made.append({"title": title, "prefix": prefix, "feeds": feeds,
                                 "out": form(value, out.dtype.name)})
    v1.disable_control_flow_v2()
    return made


def run_frozen(path, feeds):
    """Runs a frozen graph, and returns its output and the types of its operations."""
    graph_def = v1.GraphDef()
    with open(path, "rb") as file:
        graph_def.ParseFromString(file.read())
    with v1.Graph().as_default(), v1.Session(config=PLAIN) as session:
        tf.import_graph_def(graph_def, name="")
        out = session.graph.get_tensor_by_name("out:0")
        value = session.run(out, {f"{k}:0": v for k, v in feeds.items()})
    types = {n.op for n in graph_def.node} | {n.op for f in graph_def.library.function for n in f.node_def
                                             if f.signature.name.endswith("_frozen")}
    return {"out": form(value, out.dtype.name), "types": sorted(types), "nodes": [n.name for n in graph_def.node]}


def freeze_theirs(prefix):
    """Returns the names of the nodes that TensorFlow keeps."""
    with v1.Graph().as_default() as graph, v1.Session() as session:
        v1.train.import_meta_graph(prefix + ".meta").restore(session, prefix)
        frozen = v1.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), ["out"])
        return [n.name for n in frozen.node]
