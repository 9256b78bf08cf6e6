"""Converts values to JSON."""

import base64
import hashlib

import numpy as np


def form(value, dtype):
    """Returns a value in the form of expected.json."""
    value = np.asarray(value)
    record = {"dtype": dtype, "shape": list(value.shape)}
    if dtype == "string":
        return {**record, "strings_b64": [base64.b64encode(bytes(x)).decode() for x in value.ravel().tolist()]}
    data = np.ascontiguousarray(value).tobytes()
    if len(data) <= 512:
        return {**record, "bytes_hex": data.hex()}
    return {**record, "num_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
