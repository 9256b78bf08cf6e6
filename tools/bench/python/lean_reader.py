"""Lists a checkpoint with Python's standard library only: a lower bound for a Python process with few imports."""

import struct
import sys

FOOTER = 48
TRAILER = 5


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def block(data, offset, size):
    """Returns the keys and values of an uncompressed block."""
    if data[offset + size] != 0:
        raise ValueError("compressed blocks are not supported")
    restarts = struct.unpack_from("<I", data, offset + size - 4)[0]
    at, end, key = offset, offset + size - 4 - 4 * restarts, b""
    while at < end:
        shared, at = varint(data, at)
        unshared, at = varint(data, at)
        length, at = varint(data, at)
        key = key[:shared] + data[at:at + unshared]
        at += unshared
        yield key, data[at:at + length]
        at += length


def handle(data, at=0):
    offset, at = varint(data, at)
    size, at = varint(data, at)
    return offset, size, at


def fields(message):
    at = 0
    while at < len(message):
        tag, at = varint(message, at)
        if tag & 7 == 0:
            value, at = varint(message, at)
        elif tag & 7 == 2:
            length, at = varint(message, at)
            value, at = message[at:at + length], at + length
        else:
            value, at = message[at:at + 4], at + 4
        yield tag >> 3, value


def entry(message):
    dtype, shape, size = 0, [], 0
    for number, value in fields(message):
        if number == 1:
            dtype = value
        elif number == 2:
            shape = [dict(fields(dim)).get(1, 0) for n, dim in fields(value) if n == 2]
        elif number == 5:
            size = value
    return dtype, shape, size


with open(sys.argv[1] + ".index", "rb") as file:
    table = file.read()
_, _, after = handle(table, len(table) - FOOTER)
offset, size, _ = handle(table, after)
for _, where in block(table, offset, size):
    offset, size, _ = handle(where)
    for name, value in block(table, offset, size):
        if name and name[0] != 0:
            print(name.decode(), *entry(value))
