"""Writes tensorflow-graph-texts.jsonl: what Python's text_format makes of messages, and of texts.

One line each: ["written", type, what it is, hexadecimal bytes, text], ["read", type, text, bytes or null], or
["file", path of a meta graph in fixtures/goldens, SHA-256 of its text].
Run with TensorFlow 2.21 as: python tensorflow-graph-texts.py > tensorflow-graph-texts.jsonl
"""
import hashlib
import json
import os
import random
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../..")
sys.path.insert(0, os.path.join(ROOT, "tools/oracle"))

from google.protobuf import any_pb2, text_format
from random_messages import fill
from tensorflow.core.framework import graph_debug_info_pb2, graph_pb2, node_def_pb2, variable_pb2
from tensorflow.core.protobuf import meta_graph_pb2, saver_pb2

TYPES = {c.DESCRIPTOR.name: c for c in (
    meta_graph_pb2.MetaGraphDef, graph_pb2.GraphDef, saver_pb2.SaverDef, graph_debug_info_pb2.GraphDebugInfo)}
NAN = float("nan")


def written(message, what):
    data = message.SerializeToString(deterministic=True).hex()
    print(json.dumps(["written", type(message).__name__, what, data, text_format.MessageToString(message)]))


def read(name, text):
    message = TYPES[name]()
    try:
        data = text_format.Merge(text, message).SerializeToString(deterministic=True).hex()
    except Exception:  # ParseError, but ValueError too, of an enum that does not fit
        data = None
    print(json.dumps(["read", name, text, data]))


def graph_of(**attrs):
    graph = graph_pb2.GraphDef()
    node = graph.node.add(name="n")
    for key, value in attrs.items():
        node.attr[key].CopyFrom(node_def_pb2.NodeDef.AttrEntry(key=key, value=value).value)
    return graph


def meta_of(*messages, prefix="type.googleapis.com/"):
    meta = meta_graph_pb2.MetaGraphDef()
    for message in messages:
        meta.collection_def["any"].any_list.value.add().Pack(message, prefix, deterministic=True)
    return meta


# Every kind of value, where it is easily wrong.
written(graph_of(**{f"f{i}": {"f": f} for i, f in enumerate(
    [0.7 / 3600, 0.1, 1, -0.0, 0, 1e10, 1e16, 1e17, 1e-5, 1e-45, 3.4028235e38, 16777216, 2097152.25, 4194303.75, 1.17549435e-38,
     0.3333333, 8388607.5, 1234567, 123456789, float("inf"), float("-inf"), NAN])}), "floats")
written(graph_of(l={"list": {"f": [0.5, 0, 1e22], "i": [-2**63, 0, 2**63 - 1, 2**53 + 1], "b": [True, False], "s": [b"", b"\xc3\xa9"],
                             "type": [1, 101, 0, 119, 12345, -1], "func": [{"name": "f"}], "shape": [{}, {"unknown_rank": True}]}},
                 e={"list": {}}, n={}, s={"s": b""}, z={"i": 0}, b={"b": False}, t={"type": 0}, p={"placeholder": ""}), "lists, empty values")
written(graph_of(d={"tensor": {"double_val": [1e22, 1e-7, 0.1, 1e300, 5e-324, 1e16, NAN, -0.0], "uint64_val": [2**64 - 1],
                               "uint32_val": [2**32 - 1], "dtype": 2, "tensor_content": bytes(range(256)), "half_val": [0, 15360],
                               "resource_handle_val": [{"hash_code": 2**64 - 1, "dtypes_and_shapes": [{"dtype": 1}]}],
                               "variant_val": [{"type_name": "v", "metadata": b"\x00", "tensors": [{"int_val": [-1]}]}]}}), "tensors")
written(graph_of(**{key: {"b": True} for key in ["b", "a", "ab", "", "é", "\uffff", "\U00010000", "10", "9", "__proto__", "'\"\n"]}), "keys")
written(graph_pb2.GraphDef(version=-1, library={"function": [{"ret": {"": "", "z": ""}, "resource_arg_unique_id": {0: 0, 300: 1, 5: 0},
        "arg_attr": {2**32 - 1: {"attr": {"k": {"i": 1}}}}}], "gradient": [{}]}, debug_info={"files": [""], "frames_by_id": {
            0: {}, 2**64 - 1: {"line": 0, "func": ""}, 256: {}}, "name_to_trace_id": {"": 0}, "traces": {"": {}}}), "defaults in maps")
written(saver_pb2.SaverDef(), "nothing")
written(saver_pb2.SaverDef(version=77, max_to_keep=-2**31, keep_checkpoint_every_n_hours=10000), "an enum without a name")
unknown = saver_pb2.SaverDef.FromString(bytes.fromhex("a006012001aa0602beef"))
written(unknown, "unknown fields")
variable = variable_pb2.VariableDef(variable_name="v:0", synchronization=2, aggregation=3)
written(meta_of(variable, variable_pb2.VariableDef(), any_pb2.Any()), "an Any of known types")
written(meta_of(variable, prefix="a/b%20c/"), "an Any with a prefix of its own")
outer = any_pb2.Any()
outer.Pack(variable)
written(meta_of(outer), "an Any in an Any")
meta = meta_graph_pb2.MetaGraphDef()
for url in ["", "tensorflow.VariableDef", "x/not.Known"]:
    meta.collection_def["any"].any_list.value.add(type_url=url, value=b"\xff")
written(meta, "an Any of types that are none")
written(meta_of(variable, prefix="/"), "an Any that can't be read back")
for i in range(24):
    name = list(TYPES)[i % 4]
    written(fill(TYPES[name](), random.Random(i), depth=4), f"random {i}")

ATTRS = """f: 1e40|f: -1e400|f: 3.4028236e38|f: 1e-46|f: 16777217|f: nan|f: +inff|f: inff|f: infinityff|f: infff|f: nanff|f: 1__0
i: 9223372036854775808|i: -9223372036854775808|i: -0x10|i: 1_0|i: 0b11|i: 0O17|i: +5|i: 1.0|i: 1f|i: 017|i: -017|i: +017|i: 08
i: 0_0|i: 00|i: 0_1|i: 0x_1f|i: 0_x1|i: 0x|i: 1_|i: - 1|i: -|i: --1|i: 0x1g|i: 'a'|i: {}|i: []|i: [1]|i 1|i: 1e3
type: 0x1|type: 99999|type: 99999999999|type: -5|type: 010|type: 1_0|type: DT_FLOAT|type: DT_INT32_REF|type: 'DT_FLOAT'|type: dt_float
b: t b: 0|b: True|b: TRUE|b: f|b: false|b: False|b: 2|b: tru|b: 1.0|b: 01
s: 'a' i: 5|s: 'a' s: ''|s: a|list { i: 1 } list { i: 2 }|list { i: 1 } s: 'x' list { i: 2}|s: 'x' list {}
list { i: [1,2] s: 'a' 'b' }|list { i: [1,] }|list { i: [] }|list { i: [1 2] }|list { i: [1], i: 2; i: [3] }|list: < i: 3 >|list [ {} ]
list { shape [ {dim {size:1}}, <unknown_rank: true> ] }|shape { dim: [{ size: 1 }] dim [ ] }|list { type: [DT_FLOAT, 2, 0x3] }
shape { dim { size: 1 } } shape { dim { size: 2 } unknown_rank: true }|list { i: 1 };|list { i: 1 ; i: 2 , }|list { , i: 1 }|list { i: 1;; }
LIST { }|list{i:1>|list<i:1}|list{ i: 1|list 1|list: 1|list|3: 5|[foo.bar]: 1|[foo/bar] {}|i: 0|f: -0.0|f: 0 f: 1|-i: 1|i-: 1|list.i: 1
s: '\\377\\x4\\u00e9\\U0001F389é' "'" '\\'' "\\""|s: '\\漢'|s: '\\🎉\\🎉\\🎉\\🎉'|s: '\\é'|s: '\\\\漢'|s: '\\400'|func { name: 'f' attr { key: 'k' value { func { attr { key: 'l' } } } } }|placeholder: '\\377'|placeholder: 'é\\303\\251'"""
LINES = ["s: 'a\n'", "s: 'a\\\n'", "list # c { } # {\n{ i: 1 # }\n}", "s: 'a' # x\n 'b'"]
for line in [*ATTRS.replace("\n", "|").split("|"), *LINES]:
    read("GraphDef", f"node {{ attr {{ key: 'k' value {{ {line} }} }} }}")
for attrs in ["key: 'a' value { i: 1 } } attr { key: 'a' value { b: true }", "value { i: 1 }", "key: 'a'", "", "key: 'a' } attr { key: 'b'",
              "key: 'a' key: 'b' value { i: 1 } value { i: 2 b: true }", "key: 'a' }, attr { key: 'ab' }; attr { key: ''", "value: 1", "k: 1"]:
    read("GraphDef", f"node {{ attr {{ {attrs} }} }}")
read("GraphDef", "node { attr [ { key: 'a' }, < key: 'b' > ] }")
read("GraphDef", "library { function { resource_arg_unique_id { key: 7 } resource_arg_unique_id { value: 1 } } } library { gradient {} }")
read("GraphDebugInfo", "frames_by_id { key: 18446744073709551615 value { line: 0 } } frames_by_id { } name_to_trace_id { key: 'a@' }")
read("GraphDebugInfo", "frames_by_id { key: -1 }")
for text in ["version: V2", "version: 2 max_to_keep: 2147483647", "max_to_keep: 2147483648", "max_to_keep: 5 max_to_keep: 0", "sharded: true "
             "sharded: false", "", "# nothing", "keep_checkpoint_every_n_hours: 0.00019444444", "keep_checkpoint_every_n_hours: 1e-46"]:
    read("SaverDef", text)
T = "tensorflow.SaverDef"
for text in [f"[type.googleapis.com/{T}] {{ max_to_keep: 5 }}", f"[type.googleapis.com/{T}]: < max_to_keep: 5 >", f"[a . b / {T}] {{}}",
             f"[a/b/{T}] {{}}", f"[/{T}] {{}}", f"[{T}] {{}}", "[x/tensorflow.Nope] {}", f"type_url: 'a/{T}' value: '\\x20\\x05'",
             "type_url: 'nope' value: '\\x20\\x05'", f"[a/{T}] {{}} type_url: 'x'", f"type_url: 'x' [a/{T}] {{}} [b/{T}] {{ sharded: true }}",
             f"[a/{T}] {{}}, type_url: 'x'", f"[a%20/{T}] {{}}", f"[a%2/{T}] {{}}", f"[a%2g/{T}] {{}}", f"[x/google.protobuf.Any] {{ [y/{T}] {{}} }}",
             f"[a#c\n/{T}] {{}}", f"[a/{T}-] {{}}", f"[a//{T}] {{}}", f"[//{T}] {{}}", f"[https://x/{T}] {{}}", f"[a-b+c/{T}] {{}}", f"[1.5/{T}] {{}}",
             f"[a/'x'/{T}] {{}}", f"[a/{T} {{}}", "[]", "[", f"[a/{T}] {{ x: 1 }}", f"[a/{T}] {{", f"[a/{T}]", f"[a/{T}] 1"]:
    read("MetaGraphDef", f"meta_info_def {{ any_info {{ {text} }} }}")

goldens = os.path.join(ROOT, "fixtures/goldens")
for folder, _, files in sorted(os.walk(goldens)):
    for path in sorted(os.path.join(folder, name) for name in files if name.endswith(".meta")):
        with open(path, "rb") as file:
            text = text_format.MessageToString(meta_graph_pb2.MetaGraphDef.FromString(file.read()))
        print(json.dumps(["file", os.path.relpath(path, goldens), hashlib.sha256(text.encode()).hexdigest()]))
