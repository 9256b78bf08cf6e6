"""Writes tensorflow-imports.jsonl: GraphDefs, and the graphs that TensorFlow 2.21 imports them as.

Each is imported into a graph that has the operations `before`, within the scopes that are given.
Run as: python tensorflow-imports.py > tensorflow-imports.jsonl
"""
import base64
import contextlib
import json

import tensorflow as tf
from google.protobuf import text_format

v1 = tf.compat.v1
v1.disable_eager_execution()


def colocated(*names):
    return "attr { key: '_class' value { list { %s } } }" % " ".join("s: '%s'" % name for name in names)


def node(name, op, *inputs, extra=""):
    inputs = " ".join("input: '%s'" % one for one in inputs)
    return "node { name: '%s' op: '%s' %s %s }\n" % (name, op, inputs, extra)


def const(name, extra=""):
    value = "attr { key: 'value' value { tensor { dtype: DT_FLOAT tensor_shape {} float_val: 1 } } }"
    return node(name, "Const", extra="attr { key: 'dtype' value { type: DT_FLOAT } } %s %s" % (value, extra))


def identity(name, *inputs, op="Identity", extra=""):
    return node(name, op, *inputs, extra="attr { key: 'T' value { type: DT_FLOAT } } " + extra)


def merge(name, *inputs):
    return identity(name, *inputs, op="Merge", extra="attr { key: 'N' value { i: %d } }" % len(inputs))


def device(name):
    return "device: '%s' " % name


FRAME = (
    "attr { key: 'frame_name' value { s: 'loop' } } attr { key: 'is_constant' value { b: false } }"
    "attr { key: 'parallel_iterations' value { i: 10 } }"
)
LOOP = (
    const("zero")
    + identity("enter", "zero", op="Enter", extra=FRAME)
    + merge("merge", "enter", "next")
    + node("go", "LoopCond", "less")
    + const("limit", extra="").replace("name: 'limit'", "name: 'limit' input: '^merge'")
    + node("less", "Less", "merge", "limit", extra="attr { key: 'T' value { type: DT_FLOAT } }")
    + identity("switch", "merge", "go", op="Switch")
    + identity("next", "switch:1", op="NextIteration")
    + identity("exit", "switch", op="Exit")
)
FORWARD = identity("a", "d") + identity("b", "a", "^c") + const("c") + const("d") + identity("e", "d")

CASES = {
    "inputs after their users": dict(graph=FORWARD),
    "a loop": dict(graph=LOOP),
    "a name that is taken": dict(before=["a"], graph=const("a") + identity("b", "a", "^a")),
    "a name that is taken, and so is the next": dict(before=["a", "a_1"], graph=const("a") + identity("a_2", "a")),
    "the next name is in the message": dict(before=["a"], graph=const("a") + identity("a_1", "a") + identity("a_2", "a_1")),
    "another case is another name": dict(before=["a"], graph=const("A") + identity("b", "A")),
    "a name that is a scope": dict(before=["a/b/c"], graph=const("a") + const("a/b") + identity("x", "a")),
    "a name below an operation": dict(before=["a"], graph=const("a/b")),
    "colocation follows a new name": dict(before=["a"], graph=const("a") + const("b", colocated("loc:@a", "other"))),
    "colocation takes the other's device": dict(
        graph=const("a", device("/cpu:0")) + const("b", device("/gpu:1") + colocated("loc:@a")) + const("c", device("/gpu:1") + colocated("loc:@c"))),
    "colocation with what has no device": dict(graph=const("a") + const("b", device("/gpu:1") + colocated("loc:@a"))),
    "colocation with two": dict(
        graph=const("a") + const("b", device("/gpu:1")) + const("c", device("/cpu:0") + colocated("loc:@a", "loc:@b"))),
    "colocation in a chain": dict(
        graph=const("a", device("/gpu:1")) + const("b", colocated("loc:@a")) + const("c", colocated("loc:@b"))),
    "within devices": dict(device="/job:ps/gpu:1", graph=const("a", device("/cpu:0")) + const("b") + const("c", colocated("loc:@b"))),
    "within a name scope": dict(scope="outer", graph=const("a")),
    "within control dependencies": dict(before=["x"], control=["x"], graph=const("a") + identity("b", "a") + node("c", "NoOp")),
    "versions of the first graph": dict(graph=const("a") + "versions { producer: 27 min_consumer: 12 bad_consumers: 5 }"),
    "versions of a second graph": dict(before=["x"], graph=const("a") + "versions { producer: 27 min_consumer: 12 bad_consumers: 5 }"),
    "versions of a newer second graph": dict(before=["x"], graph=const("a") + "versions { producer: 3000 min_consumer: 12 }"),
    "attributes with defaults": dict(graph=node("v", "VariableV2", extra="attr { key: 'dtype' value { type: DT_FLOAT } } attr { key: 'shape' value { shape {} } }")),
    # Under a name scope.
    "under a name": dict(name="im", graph=FORWARD + const("x", colocated("loc:@a"))),
    "a loop under a name": dict(name="im", graph=LOOP),
    "under a name that is taken": dict(before=["im"], name="im", graph=const("a") + identity("b", "a", "^a")),
    "under a name in a scope": dict(scope="outer", name="im", graph=const("a") + identity("b", "a")),
    "under a scope entered again": dict(before=["im/a", "im/b/c"], name="im/", graph=const("a") + identity("b", "a") + const("c", colocated("loc:@b"))),
    "under a name that is none": dict(name="a b", graph=const("a")),
    # With inputs from elsewhere.
    "another input": dict(input_map={"a": "v"}, graph=const("a") + identity("b", "a") + identity("c", "a", "^a")),
    "another input that is no node": dict(input_map={"$unbound_inputs_a": "v"}, graph=identity("b", "$unbound_inputs_a")),
    "another input by number, under a name": dict(
        name="im", input_map={"a:0": "v", "^c": "i"}, graph=const("c") + const("a") + identity("b", "a", "^c")),
    "another output of what is a node": dict(input_map={"switch:1": "v"}, graph=LOOP),
    "another input breaks a circle": dict(input_map={"b": "v"}, graph=identity("a", "b") + identity("b", "a")),
    "another input that nobody takes": dict(input_map={"c": "v"}, graph=const("a") + const("c")),
    "another input that is not there": dict(input_map={"z": "v", "a:3": "v"}, graph=const("a")),
    "another input of another type": dict(input_map={"a": "i"}, graph=const("a") + identity("b", "a")),
    # What can't be imported.
    "an input of another type": dict(graph=const("a") + node("b", "Identity", "a", extra="attr { key: 'T' value { type: DT_INT32 } }")),
    "a value where a reference must be": dict(graph=const("a") + node("b", "Assign", "a", "a", extra="attr { key: 'T' value { type: DT_FLOAT } }")),
    "too many inputs": dict(graph=const("a") + identity("b", "a", "a")),
    "too few inputs": dict(graph=identity("b")),
    "an unknown input": dict(graph=identity("a", "nowhere")),
    "an unknown control input": dict(graph=node("a", "NoOp", "^nowhere")),
    "a control input with a number": dict(graph=const("a") + node("b", "NoOp", "^a:0")),
    "an output that is not there": dict(graph=const("a") + identity("b", "a:3")),
    "an input of negative number": dict(graph=const("a") + identity("b", "a:-1")),
    "control before data": dict(graph=const("a") + node("n", "NoOp") + identity("b", "^n", "a")),
    "two nodes of one name": dict(graph=const("a") + const("a")),
    "a name with a space": dict(graph=const("a b")),
    "no name": dict(graph=const("")),
    "a circle": dict(graph=const("x") + identity("a", "b") + identity("b", "a")),
    "a circle of control": dict(graph=node("a", "NoOp", "^b") + node("b", "NoOp", "^a")),
    "colocation with nothing": dict(graph=const("a", colocated("loc:@nowhere"))),
    "colocation with what was there before": dict(before=["x"], graph=const("a", colocated("loc:@x"))),
    "an attribute that is missing": dict(graph=node("a", "Const")),
    "a type that does not exist": dict(graph=node("a", "Placeholder", extra="attr { key: 'dtype' value { type: 99 } }")),
    "a device that does not exist": dict(graph=const("a", device("/nonsense:0"))),
    "a graph for later versions": dict(graph=const("a") + "versions { producer: 27 min_consumer: 99999 }"),
    "a graph that this version misreads": dict(graph=const("a") + "versions { producer: 27 bad_consumers: 2474 }"),
}


def serialized(message):
    return base64.b64encode(message.SerializeToString(deterministic=True)).decode()


for title, case in CASES.items():
    graph_def = text_format.Parse(case["graph"], v1.GraphDef())
    if not graph_def.HasField("versions"):
        graph_def.versions.producer = 2474
    record = {"title": title, **case, "graph": serialized(graph_def)}
    graph = tf.Graph()
    with graph.as_default(), contextlib.ExitStack() as scopes:
        for name in case.get("before", []):
            graph.create_op("NoOp", [], [], name=name)
        input_map = {}
        if "input_map" in case:
            values = {"v": v1.placeholder(tf.float32, [], name="v"), "i": v1.placeholder(tf.int32, [], name="i")}
            input_map = {key: values[value] for key, value in case["input_map"].items()}
        scopes.enter_context(graph.device(case.get("device", "")))
        scopes.enter_context(graph.name_scope(case.get("scope", "")))
        scopes.enter_context(graph.control_dependencies([graph.get_operation_by_name(name) for name in case.get("control", [])]))
        try:
            tf.import_graph_def(graph_def, name=case.get("name", ""), input_map=input_map)
            record["imported"] = serialized(graph.as_graph_def())
        except Exception as error:
            record["error"] = type(error).__name__
    print(json.dumps(record))
