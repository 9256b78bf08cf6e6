"""Measures the limits of the machine: the same bytes, one thread, native checksums or none, and nothing else."""

import os

import google_crc32c
import numpy as np
from measure import measure

BUFFER = 16 << 20


def write(path, size):
    """Writes one reused buffer, with checksums."""
    buffer = memoryview(np.random.default_rng(0).bytes(min(size, BUFFER)))

    def action():
        with open(path, "wb", buffering=0) as file:
            for at in range(0, size, len(buffer)):
                part = buffer[: size - at]
                google_crc32c.value(bytes_of(part))
                file.write(part)
    return measure(action)


def write_plainly(path, size):
    """Writes as many bytes of memory, without checksums."""
    memory = memoryview(np.ones(size, np.uint8))

    def action():
        with open(path, "wb", buffering=0) as file:
            for at in range(0, size, BUFFER):
                file.write(memory[at : at + BUFFER])
    return measure(action)


def read(path, size, keep=False):
    """Reads a file into one reused buffer or, if `keep` is true, into new buffers, as restoring variables must."""
    buffer = np.empty(min(size, BUFFER), np.uint8)
    kept = []

    def action():
        with open(path, "rb", buffering=0) as file:
            while True:
                target = np.empty_like(buffer) if keep else buffer
                count = file.readinto(target)
                if count == 0:
                    break
                google_crc32c.value(target[:count])
                kept.append(target)
    return measure(action)


def bytes_of(view):
    """Wraps a memoryview in an array, which google_crc32c accepts without copying."""
    return np.frombuffer(view, np.uint8)


METHODS = {
    "writeLimit": write,
    "writePlainly": write_plainly,
    "readLimit": read,
    "remove": os.remove,
}
