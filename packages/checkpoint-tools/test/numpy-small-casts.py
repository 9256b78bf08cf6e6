"""Writes numpy-small-casts.json: digests of the bytes that casts to the small number types give, by target and source.

The sources are all values of a type; of float32 those around the points where the rounding of the target changes, as
"points", in base64. Results of NaN are left out. To integers, only numbers that they can hold are cast. Run with ml_dtypes as:
python numpy-small-casts.py > numpy-small-casts.json
"""
import base64
import hashlib
import json

import ml_dtypes
import numpy as np

FLOATS = ["float8_e5m2", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e4m3b11fnuz", "float8_e5m2fnuz", "float4_e2m1fn"]
INTEGERS = ["int4", "uint4", "int2", "uint2"]
WIDE = ["float16", "bfloat16"]


def type_of(name):
    return np.dtype(getattr(ml_dtypes, name, None) or name)


def all_values(name):
    if name in WIDE:
        return np.arange(1 << 16, dtype=np.uint16).view(type_of(name))
    info = ml_dtypes.iinfo if name in INTEGERS else ml_dtypes.finfo
    return np.arange(1 << info(type_of(name)).bits, dtype=np.uint8).view(type_of(name))


def points(name):
    """Returns float32 numbers at, between, right below and right above the values of a type."""
    values = np.unique(all_values(name).astype(np.float64))
    values = values[np.isfinite(values)]
    last = values[-1] - values[-2]
    edges = [values, (values[1:] + values[:-1]) / 2, [values[-1] + last / 2, -values[-1] - last / 2, 1e30, -1e30]]
    middle = np.concatenate(edges).astype(np.float32)
    infinite = np.float32([np.inf, -np.inf, -0.0])
    return np.concatenate([middle, np.nextafter(middle, np.float32(np.inf)), np.nextafter(middle, np.float32(-np.inf)), infinite])


def digest(values, target):
    with np.errstate(invalid="ignore"):
        wide = values.astype(np.float64)
    used = ~np.isnan(wide)
    if target in INTEGERS:
        info = ml_dtypes.iinfo(type_of(target))
        with np.errstate(invalid="ignore"):
            used &= (np.trunc(wide) >= info.min) & (np.trunc(wide) <= info.max)
    if values.dtype.name in INTEGERS:  # which NumPy does not cast into each other
        values = values.astype(np.int32)
    with np.errstate(all="ignore"):
        return hashlib.sha256(values[used].astype(type_of(target)).view(np.uint8).tobytes()).hexdigest()


result = {}
for target in FLOATS + INTEGERS:
    sources = {source: digest(all_values(source), target) for source in WIDE + FLOATS + INTEGERS if source != target}
    near = points(target)
    result[target] = {**sources, "float32": digest(near, target), "float64": digest(near.astype(np.float64), target),
                      "points": base64.b64encode(near.tobytes()).decode()}
print("{" + ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in result.items()) + "}")
