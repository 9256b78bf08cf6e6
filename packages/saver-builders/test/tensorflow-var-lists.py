"""Writes tensorflow-var-lists.jsonl: what TensorFlow 2.21 makes of lists and dictionaries of things to save.

An item is ["ref", name], ["res", name], ["whole", name] (a variable in two parts), ["part", name, number],
["saveable", name, item], ["thing", name or null, [[attribute, "factory" or "value", item], ...]] (an object that
declares its saveables), ["named", name] (a saveable of whatever name its factory is given, else of this one), or
["list" or "set", [item, ...]] or ["dict", [[key, item], ...]]. What has the same name is the same thing.
Run as: python tensorflow-var-lists.py > tensorflow-var-lists.jsonl
"""
import json
import re

import tensorflow as tf
from tensorflow.python.trackable.base import Trackable
from tensorflow.python.training.saving import saveable_object, saveable_object_util

v1 = tf.compat.v1
v1.disable_eager_execution()


class Named(saveable_object.SaveableObject):
    def __init__(self, variable, name):
        read = variable._graph_element if hasattr(variable, "_graph_element") else variable._variable
        super().__init__(variable, [saveable_object.SaveSpec(read, "", name)], name)


class Thing(Trackable):
    def __init__(self, declared):
        self.declared = declared

    def _gather_saveables_for_checkpoint(self):
        return self.declared


class Maker:
    def __init__(self):
        self.made = {}

    def once(self, key, create):
        if key not in self.made:
            self.made[key] = create()
        return self.made[key]

    def make(self, item):
        kind, *args = item
        return getattr(self, "make_" + kind)(*args)

    def make_ref(self, name):
        return self.once(name, lambda: v1.Variable([1.0], name=name, use_resource=False))

    def make_res(self, name):
        return self.once(name, lambda: v1.Variable([1.0], name=name, use_resource=True))

    def make_whole(self, name):
        return self.once("p:" + name, lambda: v1.get_variable(
            name, initializer=tf.constant([1.0, 2.0, 3.0], name=name + "_value"), use_resource=False,
            partitioner=v1.fixed_size_partitioner(2)))

    def make_part(self, name, number):
        return list(self.make_whole(name))[number]

    def make_saveable(self, name, item):
        return Named(self.make(item), name)

    def make_named(self, name):
        return Named(self.make_ref("under_" + name), name)

    def make_thing(self, name, attributes):
        declared = {}
        for attribute, kind, item in attributes:
            if kind == "value":
                declared[attribute] = self.make(item)
            elif item[0] == "named":
                declared[attribute] = lambda name=item[1], of=item[1]: Named(self.make_ref("under_" + of), name)
            else:
                declared[attribute] = lambda name="", of=item: self.make(of)
        thing = Thing(declared)
        if name is not None:
            thing.name = name
        return thing

    def make_list(self, items):
        return [self.make(item) for item in items]

    def make_set(self, items):
        return {self.make(item) for item in items}

    def make_dict(self, entries):
        return {key: self.make(item) for key, item in entries}


A, B, RES, P = ["ref", "a"], ["ref", "b"], ["res", "res"], ["whole", "p"]


def thing(name, *attributes):
    return ["thing", name, [list(attribute) for attribute in attributes]]


CASES = {
    "a list, sorted": ["list", [B, RES, A]],
    "a nested list": ["list", [["list", [B, ["list", [A]]]], RES]],
    "a set": ["set", [B, A]],
    "sorted with :0": ["list", [["ref", "a/x"], A, ["ref", "a-x"], ["ref", "a1"]]],
    "a saveable, sorted without :0": ["list", [["saveable", "a-s", B], A, ["saveable", "a", RES]]],
    "a variable in parts": ["list", [["ref", "z"], P, A]],
    "its parts": ["list", [["part", "p", 1], ["part", "p", 0]]],
    "one of its parts": ["list", [["part", "p", 1], A]],
    "a variable in parts, named": ["dict", [["q", P], ["a", A]]],
    "its parts, named, as they come": ["dict", [["q", ["list", [["part", "p", 1], ["part", "p", 0]]]]]],
    "a saveable among parts": ["dict", [["q", ["list", [["part", "p", 0], ["saveable", "s", A]]]]]],
    "two of one name in parts": ["list", [P, P]],
    "a variable in parts and a part": ["list", [P, ["part", "p", 0]]],
    "a variable in parts and another of its name": ["list", [P, ["ref", "p"]]],
    "a part and another of the name of the whole": ["list", [["part", "p", 0], ["ref", "p"]]],
    "a variable in parts under two names": ["dict", [["q", P], ["r", P]]],
    "an object's factory in a list": ["list", [thing("t", ["x", "factory", ["named", "own"]]), A]],
    "an object's variable in a list": ["list", [thing("t", ["x", "value", B]), A]],
    "an object's variable in parts in a list": ["list", [thing("t", ["x", "value", P]), A]],
    "an object in an object in a list": ["list", [thing("t", ["x", "value", thing("u", ["y", "value", A])])]],
    "an object whose variable is in the list": ["list", [A, thing("t", ["x", "value", A])]],
    "an object that is before the variable it declares": ["list", [A, thing("A", ["x", "value", A])]],
    "two objects that declare one variable": ["list", [thing("t", ["x", "value", A]), thing("u", ["x", "value", A])]],
    "an object that declares one variable twice": ["list", [thing("t", ["x", "value", A], ["y", "value", A])]],
    "an object without a name in a list": ["list", [thing(None, ["x", "value", A]), B]],
    "an object that declares nothing": ["list", [thing("t"), A]],
    "an object's factories by key": ["dict", [["k", thing(None, ["z", "factory", ["named", "1"]], ["b", "factory", ["named", "2"]])]]],
    "an object's serialized tensors by key": ["dict", [["k", thing(None, [".TENSORS", "factory", ["named", "1"]], ["b", "factory", ["named", "2"]])]]],
    "an object's value by key": ["dict", [["k", thing(None, ["VARIABLE_VALUE", "factory", ["named", "1"]], ["b", "factory", ["named", "2"]])]]],
    "an object's variable by key": ["dict", [["k", thing(None, ["x", "value", A])]]],
    "an object's resource variable by key": ["dict", [["k", thing(None, ["VARIABLE_VALUE", "value", RES])]]],
    "an object's saveable by key": ["dict", [["k", thing(None, ["x", "value", ["saveable", "s", A]])]]],
    "a factory's variable by key": ["dict", [["k", thing(None, ["x", "factory", A])]]],
    "an object's variable in parts by key": ["dict", [["k", thing(None, ["x", "value", P])]]],
    "an object in an object by key": ["dict", [["k", thing(None, ["x", "value", thing("u", ["y", "factory", ["named", "1"]])])]]],
    "an object without a name in an object by key": ["dict", [["k", thing(None, ["x", "value", thing(None, ["y", "value", A])])]]],
    "an object's variable under two names": ["dict", [["k", thing(None, ["x", "value", A])], ["a", A]]],
    "an object among slices": ["dict", [["k", ["list", [thing("t", ["x", "value", A])]]]]],
    "a set of a name": ["dict", [["k", ["set", [A]]]]],
    "a dictionary of a name": ["dict", [["k", ["dict", [["x", A]]]]]],
}


def saveables(var_list):
    if not isinstance(var_list, dict):
        var_list = saveable_object_util.op_list_to_dict(var_list)
    return [[s.name, [[spec.name, spec.slice_spec, spec.dtype.base_dtype.name] for spec in s.specs]]
            for s in saveable_object_util.validate_and_slice_inputs(var_list)]


for title, var_list in CASES.items():
    with tf.Graph().as_default():
        record = {"title": title, "varList": var_list}
        try:
            record["saveables"] = saveables(Maker().make(var_list))
        except Exception as error:
            record["error"] = [type(error).__name__, re.sub(" at 0x.*", "", str(error))]
        print(json.dumps(record))
