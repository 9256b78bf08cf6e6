"""Makes the values of a workload's variables, the same as `tfsaver/content.ts`."""

import numpy as np


def content_of(dtype, elements, index):
    numbers = np.arange(elements, dtype=np.int64)
    if dtype == "string":
        return np.array([b"string %d" % n for n in numbers * 7919 % 1_000_003], dtype=object)
    return ((numbers * 31 + index * 7) % 8191).astype(np.float32)
