"""Writes tensorflow-programs.jsonl: small programs that build graphs, and what TensorFlow 2.21 makes of them.

A program is a list of statements. `made` are the operations so far, `values` the tensors so far, `variables` the variables
so far; all are referred to by number. Run as: python tensorflow-programs.py > tensorflow-programs.jsonl

With two numbers, it prints random programs whose seeds begin with the first and end before the second.
"""
import base64
import json
import random
import sys

import tensorflow as tf
from tensorflow.python.ops.ref_variable import RefVariable
from tensorflow.python.ops.resource_variable_ops import ResourceVariable

v1 = tf.compat.v1
v1.disable_eager_execution()
v1.disable_resource_variables()

FUNCTIONS = [
    lambda op: "/job:ps/task:%d" % (len(op.name) % 3),
    lambda op: "/device:GPU:1" if op.type == "Const" else "",
    lambda op: op.device,
]


class Program:
    def __init__(self):
        self.graph, self.made, self.values, self.variables = tf.Graph(), [], [], []

    def add(self, op):
        self.made.append(op)
        if op.outputs and op.outputs[0].dtype != tf.resource:
            self.values.append(op.outputs[0])

    def variable(self, name, resource, trainable):
        variable = v1.Variable([1.0, 2.0], name=name, use_resource=resource, trainable=trainable)
        self.made.append(variable.op)
        self.values.append(variable._graph_element if resource else variable._variable)
        self.variables.append(variable)

    def run(self, statements):
        for kind, *args in statements:
            with self.graph.as_default():
                getattr(self, "do_" + kind)(*args)

    def do_noop(self, name):
        self.add(tf.no_op(name=name) if name is not None else tf.no_op())

    def do_const(self, name):
        self.add(tf.constant(7, name=name).op)

    def do_identity(self, name, value):
        self.add(v1.identity(self.values[value], name=name).op)

    def do_variable(self, name, resource, trainable):
        self.variable(name, resource, trainable)

    def do_group(self, name, ops):
        self.add(tf.group(*[self.made[i] for i in ops], name=name))

    def do_scope(self, name, body):
        with self.graph.name_scope(name):
            self.run(body)

    def do_device(self, device, body):
        with self.graph.device(FUNCTIONS[device] if isinstance(device, int) else device):
            self.run(body)

    def do_control(self, ops, body):
        with self.graph.control_dependencies(None if ops is None else [self.made[i] for i in ops]):
            self.run(body)

    def do_colocate(self, op, body):
        with self.graph.colocate_with(self.made[op]):
            self.run(body)

    def value_of(self, given):
        """Returns the value that an update gets: ["value", number], ["variable", number] or ["host", numbers]."""
        kind, content = given
        if kind == "host":
            return content
        return (self.values if kind == "value" else self.variables)[content]

    def do_update(self, what, variable, given, options):
        options = dict(options)
        plain = options.pop("plain", False)
        value = self.value_of(given)
        if plain:
            result = getattr(v1, what)(self.variables[variable], value, **options)
        else:
            result = getattr(self.variables[variable], what)(value, **options)
        if isinstance(result, tf.Operation):
            self.made.append(result)
        elif isinstance(result, tf.Tensor):
            self.add(result.op)
        else:
            self.add(result._graph_element.op)

    def do_value(self, variable):
        self.add(self.variables[variable].value().op)

    def do_read(self, variable):
        self.add(self.variables[variable].read_value().op)

    def do_import(self, scope, cached=()):
        """Goes on in another graph, which this one is imported into. Before, some variables get a caching device."""
        for number, name, device in cached:
            variable = self.variables[number]
            with self.graph.device(device):
                variable._cached_value = v1.identity(variable._graph_element, name=name)
        graph_def, protos = self.graph.as_graph_def(add_shapes=True), [variable.to_proto() for variable in self.variables]
        self.graph, self.made, self.values, self.variables = tf.Graph(), [], [], []
        with self.graph.as_default():
            tf.import_graph_def(graph_def, name=scope)
            for proto in protos:
                variable = (ResourceVariable if proto.is_resource else RefVariable)(variable_def=proto, import_scope=scope)
                self.variables.append(variable)
                v1.add_to_collection(v1.GraphKeys.GLOBAL_VARIABLES, variable)


NAMES = ["a", "A", "a_1", "b", "save", "Save", "x/y", "a/b", None]
SCOPES = ["s", "S", "save", "a", "s/t", "s/", "a/", ""]
DEVICES = ["/job:ps/task:0", "/job:ps/task:1", "/cpu:0", "/device:GPU:1", "/gpu:*", "/job:worker/replica:2", "", None, 0, 1, 2]


def random_program(rng, with_updates=False):
    made, values, variables = [0], [0], [0]

    def block(depth, size, colocated=False):
        statements = []
        for _ in range(size):
            kinds = ["noop", "const", "const"] + ["identity"] * (values[0] > 0) * 3 + ["group"] * (made[0] > 1)
            # A variable looks past the colocations around it for devices: a quirk that is not modelled.
            kinds += ["variable"] * (not colocated)
            if with_updates and variables[0]:
                kinds += ["update"] * 6 + ["read", "value"]
            if depth < 4:
                kinds += ["scope"] * 2 + ["device"] * 2 + ["control"] * 3 * (made[0] > 0) + ["colocate"] * (made[0] > 0)
            kind = rng.choice(kinds)
            name = rng.choice(NAMES)
            if kind == "noop" or kind == "const":
                statement = [kind, name or {"noop": "NoOp", "const": "Const"}[kind]]
            elif kind == "identity":
                statement = [kind, name or "Identity", rng.randrange(values[0])]
            elif kind == "variable":
                statement = [kind, name or "Variable", rng.random() < 0.5, rng.random() < 0.5]
            elif kind == "group":
                statement = [kind, name or "group_deps", [rng.randrange(made[0]) for _ in range(rng.randrange(1, 5))]]
            elif kind == "update":
                options = {"plain": True} if rng.random() < 0.3 else {"read_value": False} if rng.random() < 0.3 else {}
                if rng.random() < 0.5:
                    options["name"] = rng.choice(NAMES)
                given = ["host", [1.0, 2.5]] if rng.random() < 0.5 else ["variable", rng.randrange(variables[0])]
                statement = [kind, rng.choice(["assign", "assign_add", "assign_sub"]), rng.randrange(variables[0]), given, options]
                made[0] += 1
            elif kind in ("read", "value"):
                statement = [kind, rng.randrange(variables[0])]
                made[0] += 1
                values[0] += 1
            variables[0] += kind == "variable"
            if kind in ("noop", "const", "identity", "variable", "group"):
                made[0] += 1
                values[0] += kind in ("const", "identity", "variable")
            elif kind == "scope":
                statement = [kind, rng.choice(SCOPES), block(depth + 1, rng.randrange(1, 4), colocated)]
            elif kind == "device":
                statement = [kind, rng.choice(DEVICES), block(depth + 1, rng.randrange(1, 4), colocated)]
            elif kind == "control":
                ops = None if rng.random() < 0.15 else [rng.randrange(made[0]) for _ in range(rng.randrange(1, 3))]
                statement = [kind, ops, block(depth + 1, rng.randrange(1, 4), colocated)]
            elif kind == "colocate":
                statement = [kind, rng.randrange(made[0]), block(depth + 1, rng.randrange(1, 3), True)]
            statements.append(statement)
        return statements

    return block(0, 6)


UPDATED_IN_SCOPES = [["variable", "v", False, True], ["variable", "w", True, True], ["noop", "a"], ["device", "/cpu:0", [["scope", "s", [
    ["control", [-1], [
        ["update", "assign", 0, ["host", [3.0, 4.0]], {}], ["update", "assign", 1, ["host", [3.0, 4.0]], {}],
        ["update", "assign_add", 0, ["variable", 1], {"name": "sum"}], ["update", "assign_add", 1, ["variable", 0], {"name": "sum"}],
        ["update", "assign_sub", 0, ["value", -1], {"read_value": False}], ["update", "assign_sub", 1, ["variable", 1], {"read_value": False}]]],
    ["colocate", -1, [["update", "assign", 0, ["variable", 1], {}], ["update", "assign", 1, ["variable", 1], {}]]],
    ["control", [-1, -2], [["read", 0], ["read", 1], ["value", 0], ["value", 1]]]]]]]]


CHOSEN = {
    "a name again": [["noop", "a"], ["noop", "a"], ["noop", "A"], ["noop", "a_1"], ["noop", "a"]],
    "an operation where a scope is wanted": [["noop", "save"], ["scope", "save", [["noop", "x"]]]],
    "a scope where an operation is wanted": [["scope", "save", [["noop", "x"]]], ["noop", "save"], ["noop", "SAVE"]],
    "only an operation below": [["noop", "save/x"], ["scope", "save", [["noop", "x"]]]],
    "a scope entered again": [["scope", "s", [["noop", "x"]]], ["scope", "s/", [["noop", "x"], ["scope", "t", [["noop", "x"]]]]]],
    "the root from within": [["scope", "s", [["scope", "", [["noop", "x"]]], ["scope", "t/", [["noop", "x"]]], ["noop", "x"]]]],
    "a prefix of inner scopes": [["scope", "s", [["scope", "_a", [["noop", "x"]]], ["scope", "-b", [["noop", "-x"]]]]]],
    "devices on top of each other": [["device", "/job:ps", [["device", "/cpu:0", [["noop", "x"], ["device", "/gpu:1", [["noop", "y"]]]]]]]],
    "no device inside one": [["device", "/job:ps", [["device", None, [["noop", "x"], ["device", "/cpu:0", [["noop", "y"]]]]]]]],
    "a function inside a device": [["device", "/job:w/task:5", [["device", 1, [["const", "x"], ["noop", "y"]]], ["device", 2, [["noop", "z"]]]]]],
    "a device inside a function": [["device", 0, [["device", "/gpu:1", [["noop", "x"], ["const", "y"]]]]]],
    "a control input that is an input": [["const", "a"], ["const", "b"], ["control", [0, 1], [["identity", "x", 0], ["noop", "y"]]]],
    "an input made inside": [["noop", "a"], ["control", [0], [["const", "b"], ["identity", "x", 0], ["noop", "y"]]]],
    "the same control input further in": [["noop", "a"], ["control", [0], [["const", "b"], ["control", [0], [["identity", "x", 0], ["noop", "y"]]]]]],
    "the same control input twice": [["noop", "a"], ["control", [0, 0], [["noop", "y"]]]],
    "control inputs lifted": [["noop", "a"], ["control", [0], [["control", None, [["noop", "x"]]], ["noop", "y"]]]],
    "more than ten control inputs": [["noop", "Assign"] for _ in range(12)] + [["group", "all", list(range(12))]],
    "a group on devices": [["device", d, [["noop", "x"]]] for d in ["/gpu:1", "", "/job:ps", "/cpu:0", ""]] + [["group", "all", [0, 1, 2, 3, 4]]],
    "a group inside a device": [["device", d, [["noop", "x"]]] for d in ["/gpu:1", ""]] + [["device", "/job:ps", [["group", "all", [0, 1]], ["group", "one", [0]]]]],
    "a group of none": [["group", "none", []], ["scope", "s", [["group", "none", []]]]],
    "colocated with what is colocated": [["const", "a"], ["colocate", 0, [["const", "b"]]], ["colocate", 1, [["const", "c"]]]],
    "colocated on a device": [["device", "/gpu:0", [["const", "a"]]], ["device", "/cpu:0", [["colocate", 0, [["const", "b"], ["device", "/job:ps", [["const", "c"]]]]]]]],
    "colocated with two": [["device", "/gpu:0", [["const", "z"]]], ["const", "a"], ["device", "/cpu:0", [["const", "c"]]],
                           ["colocate", 0, [["colocate", 2, [["const", "d"], ["colocate", 1, [["const", "e"]]]]]]]],
    "variables": [["variable", "v", False, True], ["variable", "v", True, True], ["scope", "s", [["variable", "v", True, False], ["variable", "v", False, False]]]],
    "variables on devices": [["device", "/gpu:0", [["variable", "v", False, True], ["variable", "w", True, True]]], ["device", 0, [["variable", "x", True, True], ["variable", "y", False, True]]]],
    "variables under control": [["noop", "a"], ["control", [0], [["variable", "v", False, True], ["variable", "w", True, True], ["noop", "x"]]]],
    "variables that are assigned": [["variable", "v", False, True], ["variable", "w", True, True]] + [
        ["update", what, variable, given, options]
        for variable in (0, 1) for what in ("assign", "assign_add", "assign_sub")
        for given in (["host", [3.0, 4.0]], ["variable", 0], ["variable", 1], ["value", 0])
        for options in ({}, {"plain": True}, {"name": "mine", "use_locking": True, "read_value": False})],
    "variables that are assigned by functions with options": [["variable", "v", False, True], ["variable", "w", True, True]] + [
        ["update", what, variable, ["host", [3.0, 4.0]], {"plain": True, "name": "mine", "use_locking": lock, **options}]
        for variable in (0, 1) for lock in (False, True)
        for what, options in (("assign", {"validate_shape": False}), ("assign", {"validate_shape": True}), ("assign_add", {}), ("assign_sub", {}))],
    "variables that are assigned in scopes": UPDATED_IN_SCOPES,
    "imported variables that are assigned": [["variable", "v", False, True], ["variable", "w", True, True], ["import", ""]] + UPDATED_IN_SCOPES[2:],
    "variables of an import scope that are assigned": [["device", "/gpu:1", UPDATED_IN_SCOPES[:2]], ["import", "a/b"]] + UPDATED_IN_SCOPES[2:],
    "a cached variable that is assigned": [["device", "/job:ps", UPDATED_IN_SCOPES[:2]], ["import", "", [[1, "copy", "/job:worker"]]]] + UPDATED_IN_SCOPES[2:],
    "values read in scopes": [["variable", "v", False, True], ["variable", "w", True, True], ["noop", "a"], ["scope", "s", [["device", "/gpu:0", [
        ["control", [2], [["read", 0], ["read", 1], ["value", 0], ["value", 1], ["read", 0], ["read", 1]]], ["colocate", 0, [["read", 0], ["read", 1], ["value", 1]]]]]]]],
    "variables colocated": [["const", "a"], ["colocate", 0, [["variable", "v", False, True], ["variable", "w", True, True]]]],
    # What can't be done: the last statement fails.
    "a name with a space": [["noop", "a b"]],
    "a name that starts low": [["noop", "_a"]],
    "a root scope that starts low": [["scope", "_a", []]],
    "a root scope with a colon": [["scope", "a:0", []]],
    "an inner scope with a colon": [["scope", "a", [["scope", "b:0", []]]]],
    "a re-entered scope with a colon": [["scope", "b:0/", []]],
    "a re-entered scope that starts low": [["scope", "_b/", []]],
    "a device of unknown kind": [["device", "/nonsense:0", [["noop", "x"]]]],
}


def serialized(message):
    return base64.b64encode(message.SerializeToString(deterministic=True)).decode()


def record(title, statements):
    program = Program()
    try:
        program.run(statements)
    except Exception as error:
        return {"title": title, "program": statements, "error": type(error).__name__, "message": str(error)}
    graph_def = program.graph.as_graph_def(add_shapes=True)
    graph_def.ClearField("versions")
    record = {"title": title, "program": statements, "graph": serialized(graph_def)}
    with program.graph.as_default():
        variables = v1.global_variables()
        if variables:
            record["variables"] = [serialized(variable.to_proto()) for variable in variables]
            record["trainable"] = [variable.name for variable in v1.trainable_variables()]
    return record


def print_random(seeds, with_updates):
    for seed in seeds:
        statements = random_program(random.Random(seed), with_updates)
        print(json.dumps(record(f"random program {seed}" + with_updates * ", with updates", statements)))


if len(sys.argv) > 1:
    print_random(range(int(sys.argv[1]), int(sys.argv[2])), True)
else:
    for title, statements in CHOSEN.items():
        print(json.dumps(record(title, statements)))
    print_random(range(60), False)
    print_random(range(60, 120), True)
