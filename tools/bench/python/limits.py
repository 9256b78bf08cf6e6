"""What the machine can do: the same bytes, one buffer, one thread, checksums at the native speed, and nothing else."""

import os

import google_crc32c
import numpy as np
from measure import measure

BUFFER = 16 << 20


def write(path, size):
    buffer = memoryview(np.random.default_rng(0).bytes(min(size, BUFFER)))

    def action():
        with open(path, "wb", buffering=0) as file:
            for at in range(0, size, len(buffer)):
                part = buffer[: size - at]
                google_crc32c.value(bytes_of(part))
                file.write(part)
    return measure(action)


def read(path, size, keep=False):
    """Reads into one buffer again and again, or into new ones that are kept, as one who restores variables must."""
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
    """What google_crc32c takes: it copies nothing of an array."""
    return np.frombuffer(view, np.uint8)


METHODS = {
    "writeLimit": write,
    "readLimit": read,
    "remove": os.remove,
}
