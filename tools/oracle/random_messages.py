"""Makes random messages of any type, for the tests of protobuf's text format."""

import math
import struct

from google.protobuf.any_pb2 import Any
from google.protobuf.descriptor import FieldDescriptor as F
from tensorflow.core.framework.variable_pb2 import VariableDef
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef

TEXTS = ["", "a", "a/b:0", "é漢🎉", "\uffff", "\U00010000x", "\"'\\\n\r\t", "\x00\x01\x7f\x80", "__proto__", "10", "9", "{ } # ,"]
BYTES = [b"", b"a", b"\x00\xff", b"\"'\\\n\r\t7", bytes(range(256)), "é".encode(), b"\\x41"]
FLOATS = [0.0, -0.0, 0.1, 1.5, 1e22, 1e-7, 0.7 / 3600, 1e300, 16777217.0, 2097152.25, float("inf"), float("-inf"), float("nan")]
INTEGERS = {F.TYPE_INT32: (-2**31, 2**31 - 1), F.TYPE_UINT32: (0, 2**32 - 1), F.TYPE_INT64: (-2**63, 2**63 - 1),
            F.TYPE_SINT64: (-2**63, 2**63 - 1), F.TYPE_UINT64: (0, 2**64 - 1), F.TYPE_FIXED64: (0, 2**64 - 1)}


def random_number(form, rng):
    [number] = struct.unpack(form, rng.randbytes(struct.calcsize(form)))
    # The text format has only one NaN.
    return rng.choice([*FLOATS, rng.random() * 100, float("nan") if math.isnan(number) else number])


def random_scalar(field, rng):
    if field.type == F.TYPE_STRING:
        return "".join(rng.choices(TEXTS, k=rng.randint(0, 3)))
    if field.type == F.TYPE_BYTES:
        return rng.choice([*BYTES, rng.randbytes(rng.randint(0, 20))])
    if field.type == F.TYPE_BOOL:
        return rng.random() < 0.5
    if field.type == F.TYPE_ENUM:
        return rng.choice([*(value.number for value in field.enum_type.values), 12345, -1])
    if field.type == F.TYPE_FLOAT:
        return random_number("<f", rng)
    if field.type == F.TYPE_DOUBLE:
        return random_number("<d", rng)
    low, high = INTEGERS[field.type]
    return rng.choice([0, 1, low, high, min(2**53 + 1, high), rng.randint(low, high), rng.randint(0, 300)])


def fill(message, rng, depth=5):
    """Fills a message with random fields, up to `depth` levels deep."""
    if isinstance(message, Any) and rng.random() < 0.6:
        inner = rng.choice([Any, SignatureDef, VariableDef])
        message.Pack(fill(inner(), rng, depth - 1), rng.choice(["type.googleapis.com/", "a-b/1.5%20"]), deterministic=True)
        return message
    for field in message.DESCRIPTOR.fields:
        if rng.random() < 0.5 or (field.message_type and rng.random() * 5 > depth):
            continue
        fill_field(message, field, rng, depth)
    return message


def fill_field(message, field, rng, depth):
    target = getattr(message, field.name)
    times = rng.randint(1, 3)
    entry = field.message_type if field.message_type and field.message_type.GetOptions().map_entry else None
    if entry:
        for _ in range(times):
            key, value = random_scalar(entry.fields_by_name["key"], rng), entry.fields_by_name["value"]
            if value.message_type:
                fill(target[key], rng, depth - 1)
            else:
                target[key] = random_scalar(value, rng)
    elif field.message_type and field.is_repeated:
        for _ in range(times):
            fill(target.add(), rng, depth - 1)
    elif field.message_type:
        target.SetInParent()
        fill(target, rng, depth - 1)
    elif field.is_repeated:
        target.extend(random_scalar(field, rng) for _ in range(times))
    else:
        setattr(message, field.name, random_scalar(field, rng))
