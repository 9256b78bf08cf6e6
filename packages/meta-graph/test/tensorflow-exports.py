"""Writes tensorflow-exports.jsonl: meta graphs, and what TensorFlow 2.21 makes of them.

Each case imports a source into a new graph, with the options of import_scoped_meta_graph, and exports it again, with
those of export_scoped_meta_graph. Messages are in base64, without version stamps.
Run as: python tensorflow-exports.py > tensorflow-exports.jsonl
"""
import base64
import json

import tensorflow as tf
from google.protobuf import any_pb2
from tensorflow.core.protobuf import control_flow_pb2, meta_graph_pb2, saver_pb2
from tensorflow.python.framework import meta_graph
from tensorflow.python.training import queue_runner_impl

v1 = tf.compat.v1
v1.disable_eager_execution()
v1.disable_control_flow_v2()


def in_order(message, data):
    message.ParseFromString(data)
    return message.SerializeToString(deterministic=True)


def serialized(meta):
    copy = meta_graph_pb2.MetaGraphDef()
    copy.CopyFrom(meta)
    # TensorFlow serializes the maps in contexts in any order.
    contexts = {"cond_context": control_flow_pb2.CondContextDef, "while_context": control_flow_pb2.WhileContextDef}
    for key in contexts.keys() & copy.collection_def.keys():
        values = copy.collection_def[key].bytes_list.value
        values[:] = [in_order(contexts[key](), value) for value in values]
    copy.meta_info_def.tensorflow_version = copy.meta_info_def.tensorflow_git_version = ""
    return base64.b64encode(copy.SerializeToString(deterministic=True)).decode()


def layers():
    """Two layers in scopes, the second on the first; collections of every kind; two savers."""
    images = v1.placeholder(tf.float32, [None, 3], name="images")
    with v1.name_scope("hidden1"), v1.device("/job:ps/task:1"):
        weights = v1.Variable(tf.ones([3, 2]), name="weights", use_resource=False)
        bias = v1.Variable(tf.zeros([2]), name="bias", use_resource=True)
        out1 = tf.nn.relu(tf.matmul(images, weights) + bias, name="out")
        with v1.colocate_with(weights.op):
            tf.identity(weights, name="near")
        with tf.control_dependencies([images, out1]):
            tf.no_op(name="after")
    with v1.name_scope("hidden2"):
        other = v1.Variable(tf.ones([2, 2]), name="weights", use_resource=False, trainable=False)
        out2 = tf.matmul(out1, other, name="out")
        with tf.control_dependencies([out1]):
            tf.no_op(name="after")
        with v1.colocate_with(weights.op):
            tf.identity(other, name="far")
    with v1.variable_scope("", use_resource=False):
        v1.get_variable("parts", [5, 2], initializer=tf.zeros_initializer(), partitioner=v1.fixed_size_partitioner(2))
    savers = [v1.train.Saver([weights, bias]), v1.train.Saver({"mine": other}, name="hidden2/mine")]
    for saver in savers:
        v1.add_to_collection("savers", saver)
    v1.add_to_collection("nodes", out1)
    v1.add_to_collection("nodes", out2.op)
    v1.add_to_collection("nodes", images)
    for text in ("hidden1/a", "hello", "hidden2", "$unbound_inputs_x"):
        v1.add_to_collection("text", text)
    v1.add_to_collection("excluded", "save/Const")
    v1.add_to_collection("excluded", "save/Const:0")
    for number in (1, 2):
        v1.add_to_collection("ints", number)
        v1.add_to_collection("floats", number / 4)
    any_value = any_pb2.Any()
    any_value.Pack(saver_pb2.SaverDef(save_tensor_name="x"))
    v1.add_to_collection("any", any_value)
    v1.add_to_collection("local_variables", other)
    return savers[0].as_saver_def()


def control_flow():
    """A queue with its runner, a condition in a loop."""
    with v1.name_scope("reader"):
        queue = v1.FIFOQueue(10, tf.float32, name="queue")
        v1.train.add_queue_runner(queue_runner_impl.QueueRunner(queue, [queue.enqueue([1.0])] * 2))
        value = queue.dequeue()
        value.set_shape([])
    with v1.name_scope("loop"):
        v1.while_loop(
            lambda i, x: i < 3,
            lambda i, x: [i + 1, v1.cond(i > 1, lambda: x + value, lambda: x - 1.0)],
            [tf.constant(0), tf.constant(2.0)], maximum_iterations=7)
    with v1.name_scope("choice"):
        v1.cond(value > 1.0, lambda: v1.cond(value > 2.0, lambda: value, lambda: -value), lambda: value * 2)


def functions():
    """Functions that call functions, datasets of functions, and operations with attributes that hold their defaults."""
    inner = tf.function(lambda x: tf.complex(x, x) + 1, input_signature=[tf.TensorSpec([2], tf.float32)])
    outer = tf.function(lambda x: inner(x) * 2, input_signature=[tf.TensorSpec([2], tf.float32)])
    with v1.name_scope("f"):
        x = v1.placeholder(tf.float32, [2], name="x")
        outer(x)
        tf.complex(x, x, name="c")
        v1.Variable([1.0], name="v", use_resource=False)
        v1.Variable([1.0], name="w", use_resource=True)
        tf.shape(x, out_type=tf.int64)
        tf.shape(x)
        tf.stack([x, x], name="p0")
        tf.stack([x, x], axis=1, name="p1")
    with v1.name_scope("data"), v1.device("/cpu:0"):
        dataset = tf.data.Dataset.range(3).map(lambda n: n * 2).filter(lambda n: n > 0)
        v1.data.make_initializable_iterator(dataset).get_next()


def gradients():
    """A loop with its gradient, which is another loop, and a loop in a loop."""
    x = v1.placeholder(tf.float32, [], name="x")
    with v1.name_scope("loop"):
        _, power = v1.while_loop(lambda i, y: i < 3, lambda i, y: [i + 1, y * x], [tf.constant(0), x])
    tf.gradients(power, x)
    with v1.name_scope("nest"):
        v1.while_loop(
            lambda y: y < 9.0, lambda y: v1.while_loop(lambda z: z < 5.0, lambda z: [z + x], [y]), [tf.constant(0.0)])


def sources():
    for make in (layers, control_flow, functions, gradients):
        with tf.Graph().as_default() as graph:
            # Names of functions count up over the whole process.
            saver_def = make()
            yield make.__name__, v1.train.export_meta_graph(graph=graph, saver_def=saver_def)


SAVER = "saver"  # stands for the SaverDef of the source
CASES = [
    ("layers", "as it is", {}, {}),
    ("layers", "one scope", {}, dict(export_scope="hidden1")),
    ("layers", "one scope with its slash", {}, dict(export_scope="hidden2/")),
    ("layers", "names that only begin like the scope", {}, dict(export_scope="hidden")),
    ("layers", "a scope that does not exist", {}, dict(export_scope="nowhere")),
    ("layers", "one scope and its saver", {}, dict(export_scope="hidden1", saver_def=SAVER)),
    ("layers", "no devices", {}, dict(clear_devices=True)),
    ("layers", "no devices of one scope", {}, dict(clear_devices=True, export_scope="hidden1")),
    ("layers", "one saver", {}, dict(clear_extraneous_savers=True, saver_def=SAVER)),
    ("layers", "one saver of one scope", {}, dict(clear_extraneous_savers=True, saver_def=SAVER, export_scope="hidden2/")),
    ("layers", "as a saver exports it", {}, dict(as_saver=True)),
    ("layers", "one scope, as a saver exports it", {}, dict(export_scope="hidden1", as_saver=True)),
    ("layers", "some collections", {}, dict(collection_list=["ints", "savers", "nowhere"])),
    ("layers", "some collections of one scope", {}, dict(collection_list=["text", "unbound_inputs"], export_scope="hidden2/")),
    ("layers", "no default attributes", {}, dict(strip_default_attrs=True)),
    ("layers", "no default attributes in one scope", {}, dict(strip_default_attrs=True, export_scope="hidden1")),
    ("layers", "imported under a scope", dict(import_scope="im"), {}),
    ("layers", "imported under a scope, out of it again", dict(import_scope="im"), dict(export_scope="im/")),
    ("layers", "imported under nested scopes, one layer out", dict(import_scope="im/deep"), dict(export_scope="im/deep/hidden1/")),
    ("layers", "imported into a scope around", dict(around="outer"), {}),
    ("layers", "imported under a scope in a scope", dict(around="outer", import_scope="im"), {}),
    ("layers", "imported without devices", dict(clear_devices=True), {}),
    ("layers", "imported with some collections", dict(without=["savers", "text", "variables"]), {}),
    ("layers", "imported with another input", dict(input_map={"images": "given"}), {}),
    ("layers", "imported with another input, under a scope", dict(input_map={"images:0": "given", "^images": "given"}, import_scope="im"), {}),
    ("control_flow", "as it is", {}, {}),
    ("control_flow", "the loop", {}, dict(export_scope="loop/")),
    ("control_flow", "the reader", {}, dict(export_scope="reader/")),
    ("control_flow", "the choice", {}, dict(export_scope="choice")),
    ("control_flow", "imported under a scope", dict(import_scope="im"), {}),
    ("control_flow", "imported under a scope, the choice out of it", dict(import_scope="im"), dict(export_scope="im/choice/")),
    ("functions", "as it is", {}, {}),
    # Without given nodes, functions come in another order.
    ("functions", "one scope, as a saver exports it", {}, dict(export_scope="f", as_saver=True)),
    ("functions", "no default attributes", {}, dict(strip_default_attrs=True)),
    ("functions", "no devices, as a saver exports it", {}, dict(clear_devices=True, as_saver=True)),
    ("functions", "no savers, as a saver exports it", {}, dict(clear_extraneous_savers=True, collection_list=["variables"], as_saver=True)),
    ("functions", "all of this in one scope, as a saver exports it", {},
     dict(export_scope="data", clear_devices=True, clear_extraneous_savers=True, strip_default_attrs=True,
          collection_list=["variables"], as_saver=True)),
    ("functions", "imported under a scope", dict(import_scope="im"), {}),
    ("functions", "imported twice", dict(import_scope="im", again=True), {}),
    ("gradients", "as it is", {}, {}),
    ("gradients", "imported under a scope", dict(import_scope="im"), {}),
    ("gradients", "imported under a scope without contexts", dict(import_scope="im", without=["while_context"]), {}),
]


def run(source, importing, exporting):
    importing, exporting = dict(importing), dict(exporting)
    if exporting.get("saver_def") == SAVER:
        exporting["saver_def"] = source.saver_def
    with tf.Graph().as_default() as graph:
        around, without = importing.pop("around", ""), importing.pop("without", [])
        again = importing.pop("again", False)
        if "input_map" in importing:
            given = v1.placeholder(tf.float32, [None, 3], name="given")
            importing["input_map"] = {key: given for key in importing["input_map"]}
        for _ in range(2 if again else 1):
            with v1.name_scope(around) if around else v1.name_scope(None):
                copy = meta_graph_pb2.MetaGraphDef()
                copy.CopyFrom(source)
                imported = meta_graph.import_scoped_meta_graph(
                    copy, restore_collections_predicate=lambda key: key not in without, **importing)
        if exporting.pop("as_saver", False):
            exporting["graph_def"] = graph.as_graph_def(add_shapes=True)
        exported, variables = meta_graph.export_scoped_meta_graph(graph=graph, **exporting)
    return {"exported": serialized(exported), "imported_variables": sorted(imported), "exported_variables": sorted(variables)}


made = dict(sources())
for name, meta in made.items():
    print(json.dumps({"source": name, "meta_graph": serialized(meta)}))
for name, title, importing, exporting in CASES:
    record = {"title": f"{name}: {title}", "of": name, "importing": importing, "exporting": exporting}
    print(json.dumps({**record, **run(made[name], importing, exporting)}))
