"""Makes random graphs, and counts what their meta graphs hold."""

import os
import random
from collections import Counter

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import types_pb2
from tensorflow.python.framework import meta_graph, tensor_util

v1 = tf.compat.v1

DEVICES = ["", "/cpu:0", "/job:ps/task:0", "/job:ps/task:1/device:GPU:0", "/job:worker"]
DTYPES = [tf.float32, tf.float64, tf.int64, tf.int8, tf.bool, tf.complex64, tf.bfloat16, tf.string]
LISTS = ["node_list", "bytes_list", "int64_list", "float_list", "any_list"]


def make_metas(folder, seeds):
    """Writes the meta graph of a random graph for each seed, and returns the files with what is in them."""
    made = []
    for seed in seeds:
        path = os.path.join(folder, f"{seed}.meta")
        write_random(path, random.Random(seed))
        made.append({"path": path, **summary(meta_graph.read_meta_graph_file(path))})
    return made


def write_random(path, rng):
    functional = rng.random() < 0.5
    (v1.enable_control_flow_v2 if functional else v1.disable_control_flow_v2)()
    with v1.Graph().as_default() as graph:
        values = [tf.ones([2])]
        for i in range(rng.randrange(1, 30)):
            with v1.device(rng.choice(DEVICES)), v1.name_scope(rng.choice([None, "a", "b/c"])):
                values.append(step(rng, i, values))
        variables = [v1.get_variable(f"v{i}", rng.choice([[2], [3, 2], []]), use_resource=rng.random() < 0.5)
                     for i in range(rng.randrange(1, 6))]
        v1.train.create_global_step()
        for i in range(rng.randrange(5)):
            for item in rng.sample([1, 2.5, "text"], rng.randrange(1, 2)) * rng.randrange(1, 4):
                graph.add_to_collection(f"own/{i}", item)
        saver = v1.train.Saver(max_to_keep=rng.randrange(9), sharded=rng.random() < 0.3) if rng.random() < 0.8 else None
        message = v1.train.export_meta_graph(saver_def=saver and saver.as_saver_def())
        signatures = v1.saved_model
        for i in range(rng.randrange(3)):
            pick = lambda: {f"k{j}": signatures.build_tensor_info(tf.convert_to_tensor(rng.choice(values + variables)))
                            for j in range(rng.randrange(1, 4))}
            message.signature_def[f"signature {i}"].CopyFrom(
                signatures.build_signature_def(pick(), pick(), rng.choice(["", "tensorflow/serving/predict"])))
        message.meta_info_def.tags.extend(rng.sample(["serve", "train", "gpu"], rng.randrange(3)))
    v1.disable_control_flow_v2()
    with open(path, "wb") as file:
        file.write(message.SerializeToString())


def step(rng, i, values):
    """Adds a few operations, and returns a tensor of two floats."""
    kind = rng.randrange(6)
    if kind == 0:
        dtype = rng.choice(DTYPES)
        shape = [rng.randrange(5) for _ in range(rng.randrange(4))]
        if dtype == tf.string:
            array = np.array([b"x" * rng.randrange(9) for _ in range(int(np.prod(shape)))], object).reshape(shape)
        else:
            array = (np.arange(np.prod(shape)).reshape(shape) * rng.choice([0, 1])).astype(dtype.as_numpy_dtype)
        tf.constant(array, dtype, name=f"constant{i}")
        return values[-1]
    if kind == 1:
        return tf.constant(rng.random(), tf.float32, [2])
    if kind == 2:
        return v1.cond(v1.placeholder_with_default(True, []), lambda: values[0] + 1, lambda: values[0] * 2)
    if kind == 3:
        _, value = tf.while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, x + 1), [0, values[-1]])
        return value
    return rng.choice([tf.add, tf.multiply, tf.maximum])(rng.choice(values), rng.choice(values))


def summary(message):
    nodes = message.graph_def.node
    count = lambda items: dict(Counter(items))
    return {
        "operations": len(nodes),
        "types": count(node.op for node in nodes),
        "devices": count(node.device for node in nodes),
        "tags": list(message.meta_info_def.tags),
        "collections": {key: [definition.WhichOneof("kind"), len(getattr(definition, definition.WhichOneof("kind")).value)]
                        for key, definition in message.collection_def.items()},
        "signatures": {key: {"method": signature.method_name, "inputs": infos(signature.inputs), "outputs": infos(signature.outputs)}
                       for key, signature in message.signature_def.items()},
        "saver": [message.saver_def.max_to_keep, message.saver_def.sharded] if message.HasField("saver_def") else None,
        "constants": constants(nodes),
    }


def infos(tensors):
    name = lambda dtype: types_pb2.DataType.Name(dtype)
    return {key: [info.name, tf.dtypes.as_dtype(info.dtype).name if name(info.dtype) else None, dims(info.tensor_shape)]
            for key, info in tensors.items()}


def dims(shape):
    return None if shape.unknown_rank else [dim.size for dim in shape.dim]


def constants(nodes):
    """Returns the names, dtypes, shapes and sizes of all constants, as NumPy sees their values."""
    found = {}
    for node in nodes:
        if node.op != "Const":
            continue
        value = tensor_util.MakeNdarray(node.attr["value"].tensor)
        size = sum(len(item) for item in value.ravel()) if value.dtype == object else value.nbytes
        found[node.name] = [tf.dtypes.as_dtype(node.attr["dtype"].type).name, list(value.shape), size]
    return found
