"""Makes graphs like those of older TensorFlow versions, by rewriting graphs of this version."""

import os

import numpy as np
import tensorflow as tf
from form import form
from tensorflow.core.framework import variable_pb2
from tensorflow.python.framework import meta_graph
from tensorflow.python.training.saver import BaseSaverBuilder

v1 = tf.compat.v1


def node_named(graph_def, name):
    return next(node for node in graph_def.node if node.name == name)


def nodes_of(graph_def, op):
    return [node for node in graph_def.node if node.op == op]


def remove(graph_def, *names):
    """Removes nodes that are at most control inputs of other nodes."""
    for index in reversed(range(len(graph_def.node))):
        if graph_def.node[index].name in names:
            del graph_def.node[index]
    for node in graph_def.node:
        node.input[:] = [name for name in node.input if not (name.startswith("^") and name[1:] in names)]


def rename(graph_def, old, new):
    """Renames a node that has one output, here and in the inputs of other nodes."""
    node_named(graph_def, old).name = new
    for node in graph_def.node:
        node.input[:] = [new if name == old else name for name in node.input]


def make_constant(node, value):
    """Turns a node into a string constant."""
    node.op = "Const"
    del node.input[:]
    node.attr.clear()
    node.attr["dtype"].type = tf.string.as_datatype_enum
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value, tf.string))


def value_of(node):
    return tf.make_ndarray(node.attr["value"].tensor)


# Attributes that older versions of these operations did not have.
NEWER_ATTRS = {
    "AssignVariableOp": ["validate_shape"],
    "MergeV2Checkpoints": ["allow_missing_files"],
    "VarHandleOp": ["allowed_devices", "debug_name"],
}


def without_newer_attrs(meta):
    for node in meta.graph_def.node:
        node.ClearField("experimental_debug_info")
        for name in [*NEWER_ATTRS.get(node.op, []), "_has_manual_control_dependencies"]:
            node.attr.pop(name, None)


def constant_file_name(meta):
    """Replaces the placeholder of the file name by a constant, which can be fed."""
    make_constant(node_named(meta.graph_def, "save/Const"), "model")
    remove(meta.graph_def, "save/filename", "save/filename/input")


def folder_of_its_own(meta):
    """Fixes the random name of a sharded checkpoint's temporary folder when the graph is built."""
    graph_def = meta.graph_def
    make_constant(node_named(graph_def, "save/Select"), "_temp_0123456789abcdef0123456789abcdef/part")
    rename(graph_def, "save/Select", "save/StringJoin/inputs_1")
    remove(graph_def, "save/StaticRegexFullMatch", "save/Const_1", "save/Const_2")


def direct_assignment(meta):
    """Assigns restored values directly, without an Identity on the variable's device."""
    for node in nodes_of(meta.graph_def, "AssignVariableOp"):
        if node.name.startswith("save/"):
            moved = node_named(meta.graph_def, node.input[1])
            node.input[1] = moved.input[0]
            remove(meta.graph_def, moved.name)


def reads_of_its_own(meta):
    """Gives the saver its own reads of all variables, and removes DisableCopyOnRead."""
    graph_def = meta.graph_def
    remove(graph_def, *[node.name for node in nodes_of(graph_def, "DisableCopyOnRead")])
    for save in nodes_of(graph_def, "SaveV2"):
        for at, name in enumerate(save.input):
            read = node_named(graph_def, name.lstrip("^"))
            if read.op != "ReadVariableOp" or read.name.startswith("save/"):
                continue
            scope = f"save/Read_{len(graph_def.node)}"
            own = graph_def.node.add(name=f"{scope}/ReadVariableOp", op="ReadVariableOp", input=read.input)
            own.attr["dtype"].CopyFrom(read.attr["dtype"])
            copy = graph_def.node.add(name=f"{scope}/Identity", op="Identity", input=[own.name], device="/device:CPU:0")
            copy.attr["T"].CopyFrom(read.attr["dtype"])
            save.input[at] = copy.name


def reference_variables(meta):
    for node in nodes_of(meta.graph_def, "VariableV2"):
        node.op = "Variable"


def restore_with(op, scope, inputs):
    """Restores each tensor with the operation `op`, which takes the file name and these inputs."""

    def rewrite(meta):
        graph_def = meta.graph_def
        for number, node in enumerate(nodes_of(graph_def, "RestoreV2")):
            dtype, = node.attr["dtypes"].list.type
            constants = [node_named(graph_def, name) for name in node.input[1:]]
            rename(graph_def, node.name, f"{scope}_{number}")
            node.op, node.device = op, ""
            node.attr.clear()
            node.attr["dt"].type = dtype
            node.attr["preferred_shard"].i = -1
            del node.input[1 + len(inputs):]
            for constant, name in zip(constants, inputs):
                rename(graph_def, constant.name, f"{node.name}/{name}")
                value, = value_of(constant)
                make_constant(constant, value)
            remove(graph_def, *[constant.name for constant in constants[len(inputs):]])

    return rewrite


restore_slices = restore_with("RestoreSlice", "save/restore_slice", ["tensor_name", "shape_and_slice"])
restore_whole = restore_with("Restore", "save/restore", ["tensor_name"])


def save_whole(meta):
    """Saves the tensors with Save, which has no slices."""
    for node in nodes_of(meta.graph_def, "SaveSlices"):
        node.op = "Save"
        specs = node.input.pop(2)
        remove(meta.graph_def, specs)


def variables_without(*fields):
    """Removes these fields from the descriptions of variables."""

    def rewrite(meta):
        for key in ("variables", "trainable_variables"):
            values = meta.collection_def[key].bytes_list.value
            for at, data in enumerate(values):
                variable = variable_pb2.VariableDef.FromString(data)
                for field in fields:
                    variable.ClearField(field)
                values[at] = variable.SerializeToString(deterministic=True)

    return rewrite


def without_shapes(meta):
    for node in meta.graph_def.node:
        node.attr.pop("_output_shapes", None)


def legacy_version(meta):
    meta.saver_def.ClearField("version")


# How TensorFlow versions built graphs. The first version that did so is known only approximately.
VERSIONS = {
    "0.6": dict(producer=5, resource=False, write_version=1, parts=1, rewrites=[
        constant_file_name, without_newer_attrs, reference_variables, save_whole, restore_whole, legacy_version,
        without_shapes, variables_without("trainable", "initial_value_name")]),
    "0.8": dict(producer=8, resource=False, write_version=1, parts=2, rewrites=[
        constant_file_name, without_newer_attrs, reference_variables, restore_slices, legacy_version,
        without_shapes, variables_without("trainable", "initial_value_name")]),
    "0.11.0": dict(producer=15, resource=False, write_version=1, parts=2, sharded=True, rewrites=[
        constant_file_name, without_newer_attrs, reference_variables, restore_slices,
        variables_without("trainable", "initial_value_name")]),
    "0.12.1": dict(producer=19, resource=False, write_version=2, parts=2, sharded=True, rewrites=[
        constant_file_name, folder_of_its_own, without_newer_attrs, reference_variables,
        variables_without("trainable", "initial_value_name")]),
    "1.2.1": dict(producer=24, resource=False, write_version=2, parts=2, rewrites=[
        constant_file_name, without_newer_attrs, variables_without("trainable", "initial_value_name")]),
    "1.3.0": dict(producer=24, resource=True, write_version=2, parts=1, sharded=True, rewrites=[
        constant_file_name, folder_of_its_own, without_newer_attrs, direct_assignment,
        variables_without("trainable", "snapshot_name", "initial_value_name")]),
    "1.8.0": dict(producer=26, resource=False, write_version=2, parts=2, sharded=True, bulk=True, rewrites=[
        constant_file_name, folder_of_its_own, without_newer_attrs, variables_without("trainable")]),
    "1.14.0": dict(producer=38, min_consumer=12, resource=True, write_version=2, parts=2, sharded=True, bulk=True,
                   rewrites=[folder_of_its_own, without_newer_attrs, reads_of_its_own]),
    "2.3.0": dict(producer=440, min_consumer=12, resource=True, write_version=2, parts=2, sharded=True, bulk=True,
                  rewrites=[without_newer_attrs, reads_of_its_own]),
}


def build(resource, write_version, parts, sharded, bulk):
    """Builds a meta graph with the installed version."""
    with v1.Graph().as_default():
        with v1.device("/cpu:0"):
            v1.Variable(np.arange(6, dtype=np.float32).reshape(2, 3), name="layer/weights", use_resource=resource)
            v1.Variable(np.float64(0.5), name="scale", use_resource=resource)
        with v1.device("/cpu:1"):
            v1.Variable(np.int64(7), name="step", use_resource=resource, trainable=False)
            v1.Variable([b"some", b"words"], name="words", use_resource=resource)
            v1.get_variable("table", initializer=tf.constant(np.arange(8.0).reshape(4, 2)), use_resource=resource,
                            partitioner=v1.fixed_size_partitioner(parts) if parts > 1 else None)
        saver = v1.train.Saver(sharded=sharded, write_version=write_version,
                               builder=None if bulk else BaseSaverBuilder(write_version))
        return v1.train.export_meta_graph(saver_def=saver.as_saver_def())


def rewritten(version, producer, rewrites, min_consumer=0, sharded=False, bulk=False, **options):
    meta = build(sharded=sharded, bulk=bulk, **options)
    for rewrite in rewrites:
        rewrite(meta)
    # 0.12 was the first version to write its version number.
    meta.meta_info_def.tensorflow_version = version if producer >= 19 else ""
    meta.meta_info_def.ClearField("tensorflow_git_version")
    meta.graph_def.versions.producer = producer
    meta.graph_def.versions.min_consumer = min_consumer
    op_list = meta_graph.stripped_op_list_for_graph(meta.graph_def)
    for op in op_list.op:
        kept = [attr for attr in op.attr if attr.name not in NEWER_ATTRS.get(op.name, [])]
        del op.attr[:]
        op.attr.extend(kept)
    meta.meta_info_def.stripped_op_list.CopyFrom(op_list)
    return meta


def run(meta_path, action):
    """Imports a meta graph and runs an action with a session and the saver. Returns its result and all values."""
    config = v1.ConfigProto(device_count={"CPU": 2})
    with v1.Graph().as_default(), v1.Session(config=config) as session:
        result = action(session, v1.train.import_meta_graph(meta_path))
        return result, {v.op.name: form(session.run(v), v.dtype.base_dtype.name) for v in v1.global_variables()}


def make_older_graph(version, folder):
    """Writes a graph like that of an older version, and a checkpoint that the graph saved."""
    path = os.path.join(folder, "older.meta")
    with open(path, "wb") as file:
        file.write(rewritten(version, **VERSIONS[version]).SerializeToString(deterministic=True))

    def save(session, saver):
        session.run(v1.global_variables_initializer())
        return saver.save(session, os.path.join(folder, "theirs"), write_meta_graph=False, write_state=False)

    prefix, values = run(path, save)
    return {"meta": path, "prefix": prefix, "values": values}


def restore_older_graph(meta, prefix):
    """Returns the values that a graph's saver restores."""
    return run(meta, lambda session, saver: saver.restore(session, prefix))[1]
