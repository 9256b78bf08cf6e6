"""Runs requests about checkpoints and graphs with TensorFlow: one JSON line each, over a local socket.

Prints its port, and exits when standard input ends. A request is {"method": ..., "params": {...}}; the answer is
{"result": ...} or {"error": {"kind": ..., "message": ...}}. Bytes are base64.
"""

import base64
import json
import os
import random
import socketserver
import subprocess
import sys
import threading

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow as tf
from brute_force import edit_by_hand, read_comparable
from checkpoint_math import average_tensors, diff_tensors, stat_tensors
from classifier import step_of_classifier
from form import form
from frozen_graphs import freeze_theirs, make_graphs, run_frozen
from google.protobuf import text_format
from interchange import read_npz, read_safetensors, write_npz, write_safetensors
from meta_graphs import compare_exports, compare_imports, compare_texts
from meta_summary import make_metas
from older_graphs import make_older_graph, restore_older_graph
from random_messages import fill
from tensorflow.core.framework import graph_debug_info_pb2, graph_pb2, tensor_pb2
from tensorflow.core.protobuf import meta_graph_pb2, saver_pb2
from tensorflow.python.eager import context
from tensorflow.python.framework import meta_graph
from tensorflow.python.ops.variables import PartitionedVariable
from tensorflow.python.trackable.base import Trackable
from tensorflow.python.training.saver import BaseSaverBuilder, BulkSaverBuilder

v1 = tf.compat.v1
v1.disable_eager_execution()
v1.logging.set_verbosity(v1.logging.ERROR)


def read_checkpoint(prefix):
    """Reads every tensor of a checkpoint."""
    with v1.Graph().as_default(), v1.Session() as session:
        reader = tf.train.load_checkpoint(prefix)
        dtypes = {n: tf.dtypes.as_dtype(d) for n, d in reader.get_variable_to_dtype_map().items()}
        names = sorted(dtypes)
        if not names:
            return {}
        values = session.run(tf.raw_ops.RestoreV2(
            prefix=prefix, tensor_names=names, shape_and_slices=[""] * len(names), dtypes=[dtypes[n] for n in names]))
        return {name: form(value, dtypes[name].name) for name, value in zip(names, values)}


def restore_with_meta(meta, prefix, save_to=None):
    """Imports a meta graph and restores its variables; if `save_to` is given, changes them and saves again."""
    with v1.Graph().as_default(), v1.Session() as session:
        saver = v1.train.import_meta_graph(meta)
        saver.restore(session, prefix)
        variables = v1.global_variables()
        values_of = lambda: {v.op.name: form(session.run(v), v.dtype.base_dtype.name) for v in variables}
        values = values_of()
        if save_to is None:
            return {"restored": values}
        floats = [v for v in variables if v.dtype.base_dtype.is_floating]
        session.run([v1.assign_add(v, tf.ones_like(v)) for v in floats])
        changed = values_of()
        path = saver.save(session, save_to)
        return {"restored": values, "saved": changed, "path": path}


def save_table(prefix, words):
    """Saves a table of words and their numbers and a variable, with the meta graph."""
    with v1.Graph().as_default(), v1.Session() as session:
        table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, default_value=-1, name="tab", checkpoint=True)
        weights = v1.Variable([0.5, 2.0], name="weights", use_resource=True)
        keys = tf.constant(list(words), name="words")
        session.run([weights.initializer, table.insert(keys, tf.constant(list(words.values()), tf.int64))])
        return v1.train.Saver().save(session, prefix, write_state=False)


def restore_and_run(meta, prefix, init, fetches, save_to=None):
    """Imports a meta graph, runs `init`, restores, and fetches tensors; if `save_to` is given, saves again."""
    with v1.Graph().as_default(), v1.Session() as session:
        saver = v1.train.import_meta_graph(meta)
        session.run(init)
        saver.restore(session, prefix)
        tensors = [session.graph.get_tensor_by_name(name) for name in fetches]
        values = {t.name: form(value, t.dtype.base_dtype.name) for t, value in zip(tensors, session.run(tensors))}
        if save_to is not None:
            saver.save(session, save_to, write_state=False)
        return values


def train_and_save(session, saver, prefix, steps):
    """Runs the operation `train` and saves, for each step. Returns the last path and all values."""
    for step in steps:
        session.run("train")
        path = saver.save(session, prefix, global_step=step)
    values = {v.op.name: form(session.run(v), v.dtype.base_dtype.name) for v in v1.global_variables()}
    return {"path": path, "values": values}


# Graphs may name devices that this machine lacks, such as those of a cluster.
ANYWHERE = v1.ConfigProto(allow_soft_placement=True)


def start_training(variables, saver, prefix, steps, target="", ps_tasks=0):
    """Builds a model whose operation `train` increments its variables, trains it and saves it, here or on a cluster."""
    with v1.Graph().as_default(), v1.Session(target, config=ANYWHERE) as session:
        with v1.device(v1.train.replica_device_setter(ps_tasks)):
            declare(variables)
            with v1.name_scope("training"):
                increments = [v1.assign_add(v, tf.ones_like(v)) for v in v1.global_variables()]
            tf.group(*increments, name="train")
        saver = v1.train.Saver(**saver)
        session.run(v1.global_variables_initializer())
        return train_and_save(session, saver, prefix, steps)


def go_on_training(meta, restore, prefix, steps, target=""):
    """Imports a meta graph, and restores, trains and saves its model."""
    with v1.Graph().as_default(), v1.Session(target, config=ANYWHERE) as session:
        saver = v1.train.import_meta_graph(meta)
        saver.restore(session, restore)
        return train_and_save(session, saver, prefix, steps)


def declare(variables):
    """Creates the variables of a configuration, with constant initial values."""
    made = []
    for entry in variables:
        if "parts" in entry:
            made.append(declare_partitioned(entry))
            continue
        with v1.device(entry.get("device", "")), v1.name_scope(entry.get("scope")):
            value = np.asarray(entry["value"], dtype=tf.dtypes.as_dtype(entry["dtype"]).as_numpy_dtype)
            made.append(v1.Variable(value, name=entry["name"], use_resource=entry["resource"],
                                    trainable=entry.get("trainable", True)))
    return made


def declare_partitioned(entry):
    """Creates a partitioned variable. If devices are given, each part is placed on the next one."""
    devices = iter(entry.get("devices", []))
    with v1.device(lambda op: next(devices, "") if op.type in ("VariableV2", "VarHandleOp") else ""):
        return v1.get_variable(
            entry["name"], initializer=tf.zeros_initializer(), shape=entry["shape"], use_resource=entry["resource"],
            partitioner=v1.fixed_size_partitioner(entry["parts"], axis=entry.get("axis", 0)))


def parts_of(variable):
    return list(variable) if isinstance(variable, PartitionedVariable) else [variable]


def add_savers(graph, made, savers):
    """Adds savers to the default graph. Returns its meta graph and the SaverDefs."""
    defs = []
    for options in savers:
        options = dict(options)
        names, listed = options.pop("names", None), options.pop("list", None)
        scope, device = options.pop("scope", None), options.pop("device", None)
        if options.pop("base_builder", False):
            options["builder"] = BaseSaverBuilder()
        if options.pop("bfloat16_builder", False):
            options["builder"] = Bfloat16SaverBuilder()
        if names is not None:
            options["var_list"] = {name: made[i] for name, i in names.items()}
        elif listed is not None:
            options["var_list"] = [made[i] for i in listed]
        before = [tf.no_op(name="earlier")] if options.pop("control", False) else []
        with v1.name_scope(scope), graph.device(device), tf.control_dependencies(before):
            saver = v1.train.Saver(**options)
            if options.get("defer_build"):
                saver.build()
            defs.append(saver.as_saver_def())
    whole = v1.train.export_meta_graph(saver_def=defs[-1])
    return {"whole": encode(whole), "saver_defs": [encode(saver_def) for saver_def in defs]}


def encode(message):
    return base64.b64encode(message.SerializeToString(deterministic=True)).decode()


def update(variables):
    """Adds operations that change variables, in a scope, on a device, each after the one before."""
    before = []
    with v1.name_scope("train"), v1.device("/job:worker/device:CPU:0"):
        for variable in variables:
            with v1.control_dependencies(before):
                before = [variable.assign(variable, read_value=False)]
                v1.assign(variable, variable.read_value(), name="plain")
                if variable.dtype.base_dtype != tf.string:
                    host = np.ones(variable.shape, variable.dtype.base_dtype.as_numpy_dtype)
                    variable.assign_add(host, name="sum")
                    before.append(variable.assign_sub(variable, use_locking=True, read_value=False))


def build_graph(variables, savers, updates=False):
    """Returns three versions of a graph: without savers, with savers, and with savers added after an import. With
    `updates`, operations that change the variables are added before the savers."""
    with v1.Graph().as_default() as graph:
        made = declare(variables)
        names = [[part.name for part in parts_of(v)] for v in made]
        bare = v1.train.export_meta_graph()
        if updates:
            update(made)
        built = add_savers(graph, made, savers)
    with v1.Graph().as_default() as graph:
        # import_meta_graph would add another saver.
        meta_graph.import_scoped_meta_graph(bare)
        found = {v.name: v for v in v1.global_variables()}
        if updates:
            update([found[name] for [name] in names])
        imported = add_savers(graph, [[found[n] for n in part_names] if len(part_names) > 1 else found[part_names[0]]
                                      for part_names in names], savers)
    return {"bare": encode(bare), "built": built, "imported": imported, "names": names}


class Bfloat16SaverBuilder(BulkSaverBuilder):
    """Stores float32 as bfloat16, like examples/custom-builder."""

    @staticmethod
    def stored(dtype):
        return tf.bfloat16 if dtype == tf.float32 else dtype

    def save_op(self, filename_tensor, saveables):
        specs = [spec for saveable in saveables for spec in saveable.specs]
        tensors = [tf.cast(spec.tensor, self.stored(spec.dtype.base_dtype)) for spec in specs]
        return tf.raw_ops.SaveV2(prefix=filename_tensor, tensor_names=[spec.name for spec in specs],
                                 shape_and_slices=[spec.slice_spec for spec in specs], tensors=tensors)

    def bulk_restore(self, filename_tensor, saveables, preferred_shard, restore_sequentially):
        specs = [spec for saveable in saveables for spec in saveable.specs]
        dtypes = [spec.dtype.base_dtype for spec in specs]
        with v1.device("/device:CPU:0"):
            tensors = tf.raw_ops.RestoreV2(
                prefix=filename_tensor, tensor_names=[spec.name for spec in specs],
                shape_and_slices=[spec.slice_spec for spec in specs], dtypes=[self.stored(dtype) for dtype in dtypes])
            return [tf.cast(tensor, dtype) for tensor, dtype in zip(tensors, dtypes)]


class Thing(Trackable):
    """An object that declares its own saveables."""

    def __init__(self, name, declares, made):
        self.name, self.declares, self.made = name, declares, made

    def _gather_saveables_for_checkpoint(self):
        return {attribute: self.made[i] for attribute, i in self.declares.items()}


def make_item(item, made):
    """Creates one saveable thing. `made` is the list of all; later ones are added to it."""
    if "table" in item:
        return tf.lookup.experimental.MutableHashTable(
            tf.as_dtype(item["key_dtype"]), tf.as_dtype(item["value_dtype"]), item["default"], name=item["table"],
            checkpoint=True)
    if "thing" in item:
        return Thing(item["thing"], item["declares"], made)
    value = tf.constant(item["value"], tf.as_dtype(item["dtype"]), name=item["name"] + "_value")
    if "parts" not in item:
        return v1.Variable(value, name=item["name"], use_resource=item["resource"])
    return v1.get_variable(item["name"], initializer=value, use_resource=item["resource"],
                           partitioner=v1.fixed_size_partitioner(item["parts"], axis=item.get("axis", 0)))


def build_model(items, savers):
    """Builds a graph of variables, tables and objects with savers. Returns its meta graph and the SaverDefs."""
    with v1.Graph().as_default() as graph:
        made = []
        for item in items:
            with v1.device(item.get("device")):
                made.append(make_item(item, made))
            if "collection" in item:
                v1.add_to_collection(item["collection"], made[-1])
        return add_savers(graph, made, savers)


def diff_meta(ours, theirs):
    """Returns the differences between two meta graphs, except version stamps, as lines of text."""
    import difflib

    texts = []
    for data in (ours, theirs):
        message = meta_graph_pb2.MetaGraphDef()
        message.ParseFromString(base64.b64decode(data))
        message.meta_info_def.tensorflow_version = message.meta_info_def.tensorflow_git_version = ""
        texts.append(text_format.MessageToString(message).splitlines())
    return list(difflib.unified_diff(*texts, "ours", "theirs", n=6, lineterm=""))[:80]


def save_tensors(prefix, tensors):
    """Writes a checkpoint with SaveV2, in the order given."""
    with v1.Graph().as_default(), v1.Session() as session:
        values = []
        for t in tensors:
            if t["dtype"] == "string":
                array = np.array([base64.b64decode(s) for s in t["strings_b64"]], dtype=object).reshape(t["shape"])
            else:
                dtype = tf.dtypes.as_dtype(t["dtype"]).as_numpy_dtype
                array = np.frombuffer(bytes.fromhex(t["bytes_hex"]), dtype=dtype).reshape(t["shape"])
            values.append(v1.placeholder_with_default(tf.constant(array, tf.dtypes.as_dtype(t["dtype"])), array.shape))
        session.run(tf.raw_ops.SaveV2(prefix=prefix, tensor_names=[t["name"] for t in tensors],
                                      shape_and_slices=[""] * len(tensors), tensors=values))


def tensor_of(record):
    """Makes an eager tensor of any dtype from its bytes (base64, row-major) or strings."""
    proto = tensor_pb2.TensorProto(dtype=tf.dtypes.as_dtype(record["dtype"]).as_datatype_enum)
    for size in record["shape"]:
        proto.tensor_shape.dim.add(size=size)
    if "strings" in record:
        proto.string_val.extend(base64.b64decode(s) for s in record["strings"])
    else:
        proto.tensor_content = base64.b64decode(record["bytes"])
    return tf.raw_ops.ParseTensor(serialized=proto.SerializeToString(), out_type=record["dtype"])


def write_checkpoints(checkpoints):
    """Writes checkpoints shard by shard: V1 with SaveSlices, V2 with SaveV2 and, if sharded, MergeV2Checkpoints."""
    with context.eager_mode():
        for checkpoint in checkpoints:
            prefix, shards = checkpoint["prefix"], checkpoint["shards"]
            parts = []
            for k, shard in enumerate(shards):
                names, specs = [p["name"] for p in shard], [p["spec"] for p in shard]
                tensors = [tensor_of(p) for p in shard]
                if checkpoint["version"] == "V1":
                    path = prefix if len(shards) == 1 else f"{prefix}-{k:05d}-of-{len(shards):05d}"
                    tf.raw_ops.SaveSlices(filename=path, tensor_names=names, shapes_and_slices=specs, data=tensors)
                else:
                    parts.append(prefix if len(shards) == 1 else f"{prefix}_temp/part-{k:05d}")
                    tf.raw_ops.SaveV2(prefix=parts[-1], tensor_names=names, shape_and_slices=specs, tensors=tensors)
            if len(parts) > 1:
                tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=parts, destination_prefix=prefix)


def value_of(tensor):
    """Returns the bytes of an eager tensor, or its strings, in base64."""
    value = tensor.numpy()
    if tensor.dtype == tf.string:
        return [base64.b64encode(bytes(x)).decode() for x in np.asarray(value, dtype=object).ravel().tolist()]
    return base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()


def read_parts(requests):
    """Restores the names and specs of each prefix with RestoreV2."""
    with context.eager_mode():
        return [[value_of(t) for t in tf.raw_ops.RestoreV2(
            prefix=r["prefix"], tensor_names=r["names"], shape_and_slices=r["specs"], dtypes=r["dtypes"])]
            for r in requests]


def write_objects(folder):
    """Writes object-based checkpoints and returns their content."""
    return run_script("write_objects.py", folder)


def write_keras(folder):
    """Writes files of Keras and returns their content."""
    return run_script("write_keras.py", folder)


def run_script(name, folder):
    """Runs a script in a new process, with eager execution enabled, and returns what it expects."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    subprocess.run([sys.executable, script, folder], check=True, stdin=subprocess.DEVNULL)
    with open(os.path.join(folder, "expected.json")) as file:
        return json.load(file)


def edited(step, folder):
    """Writes checkpoints, or restores what was made from them."""
    return run_step("edited.py", step, folder)


def objects(step, folder):
    """Writes checkpoints of described objects, or restores those of the same objects."""
    return run_step("objects.py", step, folder)


def tfjs(step, folder):
    """Writes checkpoints of models, or restores what TensorFlow.js made of them."""
    return run_step("tfjs.py", step, folder)


def run_step(name, step, folder):
    """Runs a script in a new process, with eager execution enabled, and returns what it prints last."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    command = [sys.executable, script, step, folder]
    done = subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    return json.loads(done.stdout.splitlines()[-1])


TEXT_TYPES = {c.DESCRIPTOR.name: c for c in (
    meta_graph_pb2.MetaGraphDef, graph_pb2.GraphDef, saver_pb2.SaverDef, graph_debug_info_pb2.GraphDebugInfo)}


def random_texts(type, seed, count):
    """Returns random messages, each as bytes and as text."""
    messages = [fill(TEXT_TYPES[type](), random.Random(seed + i), depth=6) for i in range(count)]
    return [[encode(message), text_format.MessageToString(message)] for message in messages]


def read_texts(type, texts):
    """Parses texts and prints them again; None for a text that cannot be parsed."""
    return [read_text(TEXT_TYPES[type](), text) for text in texts]


def read_text(message, text):
    try:
        return text_format.MessageToString(text_format.Merge(text, message))
    except Exception:  # any error means that the text cannot be parsed
        return None


METHODS = {f.__name__: f for f in (
    read_checkpoint, restore_with_meta, start_training, go_on_training, save_table, restore_and_run, build_graph,
    build_model, diff_meta, save_tensors, write_checkpoints, read_parts, write_objects, edited, objects, edit_by_hand,
    read_comparable, random_texts, read_texts, compare_imports, compare_exports, compare_texts, make_older_graph,
    restore_older_graph, step_of_classifier, stat_tensors, diff_tensors, average_tensors, write_keras, read_safetensors,
    write_safetensors, read_npz, write_npz, tfjs, make_graphs, run_frozen, freeze_theirs, make_metas)}


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            request = json.loads(line)
            try:
                answer = {"result": METHODS[request["method"]](**request["params"])}
            except Exception as error:  # every error is sent to the client
                answer = {"error": {"kind": type(error).__name__, "message": str(error)}}
            self.wfile.write(json.dumps(answer).encode() + b"\n")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


if __name__ == "__main__":
    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
