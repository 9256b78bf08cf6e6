"""Prints what Python's protobuf makes of bytes that no writer writes: [type, bytes, bytes written again or null].

Run with TensorFlow 2.21 installed: python python-readings.py > python-readings.jsonl
"""
import json
import random

from google.protobuf.message import DecodeError
from tensorflow.core.framework import attr_value_pb2, graph_debug_info_pb2, node_def_pb2, tensor_pb2
from tensorflow.core.protobuf import meta_graph_pb2, saver_pb2

CASES = 120
TYPES = [
    attr_value_pb2.AttrValue,
    node_def_pb2.NodeDef,
    tensor_pb2.TensorProto,
    graph_debug_info_pb2.GraphDebugInfo,
    saver_pb2.SaverDef,
    meta_graph_pb2.CollectionDef,
]
# Messages that are kept as the bytes that they came as.
KEPT = {"experimental_debug_info", "experimental_type", "resource_handle_val", "variant_val", "any_list"}
rng = random.Random(21)


def varint(value):
    """Of any length up to ten bytes."""
    out = []
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    for _ in range(rng.choice([0, 0, 0, 1, 4])):
        if len(out) < 10:
            out[-1] |= 128
            out.append(0)
    return bytes(out)


def number():
    return rng.choice([0, 1, 2, 127, 128, 300, 2**31 - 1, 2**31, 2**32 + 5, 2**63, 2**64 - 1, rng.getrandbits(64)])


def tag(field, kind):
    return varint(field << 3 | kind)


def value(field, depth):
    """The kind of a field and bytes that could be its value."""
    if field.message_type is not None:
        inner = fields(field.message_type, depth + 1) if depth < 4 else b""
        return 2, varint(len(inner)) + inner
    if field.type == field.TYPE_STRING:
        text = rng.choice(["", "a", "__proto__", "é漢😀", "a/b:0", "x" * 200]).encode()
        # In proto2, which GraphDebugInfo is of, text may be anything, but what is no text is not kept here.
        if rng.random() < 0.03 and "debug_info" not in field.file.name:
            text = rng.choice([b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\xf5\x80\x80\x80"])
        return 2, varint(len(text)) + text
    if field.type == field.TYPE_BYTES:
        content = rng.randbytes(rng.choice([0, 1, 3, 130]))
        return 2, varint(len(content)) + content
    if field.type in (field.TYPE_FLOAT, field.TYPE_FIXED32):
        return 5, rng.choice([b"\0\0\0\0", b"\0\0\0\x80", b"\0\0\x80\x3f", b"\0\0\xc0\x7f"])
    if field.type in (field.TYPE_DOUBLE, field.TYPE_FIXED64):
        return 1, rng.choice([bytes(8), bytes(7) + b"\x80", rng.randbytes(8)])
    # Sizes are JavaScript's numbers here, and what can't be one is an error.
    return 0, varint(rng.choice([0, 1, 300, 2**53 - 1, 2**64 - 1]) if field.name == "size" else number())


def known(field, depth):
    kind, content = value(field, depth)
    if field.is_repeated and kind != 2 and rng.random() < 0.6:
        # Packed, in as many pieces as they come.
        content = b"".join(value(field, depth)[1] for _ in range(rng.randrange(4)))
        return tag(field.number, 2) + varint(len(content)) + content
    return tag(field.number, kind) + content


def unknown():
    number = rng.choice([1, 2, 3, 15, 16, 99, 2**29 - 1])
    kind = rng.choice([0, 1, 2, 3, 5])
    content = {0: varint(77), 1: b"12345678", 2: varint(2) + b"ab", 5: b"1234"}.get(kind, b"")
    if kind == 3:
        content = (unknown() if rng.random() < 0.3 else tag(5, 0) + varint(1)) + tag(number, 4)
    return tag(number, kind) + content


def fields(descriptor, depth=0):
    out = b""
    for _ in range(rng.randrange(5 if depth else 8)):
        # Python keeps an entry of a map that has such in another way than TensorFlow itself does.
        is_unknown = rng.random() < 0.1 and not descriptor.GetOptions().map_entry
        out += unknown() if is_unknown else known(rng.choice([field for field in descriptor.fields if field.name not in KEPT]), depth)
    return out


def damaged(content):
    if not content or rng.random() < 0.7:
        return content
    content = bytearray(content)
    content[rng.randrange(len(content))] = rng.randrange(256)
    return bytes(content[: rng.randrange(len(content)) + 1] if rng.random() < 0.3 else content)


for kind in TYPES:
    for _ in range(CASES):
        content = fields(kind.DESCRIPTOR)
        if kind is not graph_debug_info_pb2.GraphDebugInfo:
            content = damaged(content)
        try:
            message = kind.FromString(content)
            written = message.SerializeToString(deterministic=True).hex()
        except DecodeError:
            written = None
        print(json.dumps([kind.DESCRIPTOR.name, content.hex(), written]))
