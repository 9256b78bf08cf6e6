"""Writes numpy-small-floats.json: what every bit pattern of the small number types stands for, by type.

NaN and infinities are text. Run with ml_dtypes as: python numpy-small-floats.py > numpy-small-floats.json
"""
import json

import ml_dtypes
import numpy as np

SMALL = ["float8_e5m2", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e4m3b11fnuz", "float8_e5m2fnuz", "float4_e2m1fn"]
INTEGERS = ["int4", "uint4", "int2", "uint2"]


def values(kind):
    bits = ml_dtypes.iinfo(kind).bits if kind in INTEGERS else ml_dtypes.finfo(kind).bits
    numbers = np.arange(2**bits, dtype="uint8").view(getattr(ml_dtypes, kind)).astype("float64").tolist()
    return [number if np.isfinite(number) else str(number) for number in numbers]


print("{" + ",\n".join(f"{json.dumps(kind)}: {json.dumps(values(kind))}" for kind in SMALL + INTEGERS) + "}")
