"""Writes numpy-arrays.jsonl: arrays as NumPy prints them and as it saves them.

One line per array: {dtype, shape, bytes (hexadecimal) or strings (hexadecimal, one each), text, npy (hexadecimal)}.
There is no text for types that NumPy prints in another way than tfsaver, and no npy where it can't load its own.
Run with NumPy 2.4 and ml_dtypes as: python numpy-arrays.py > numpy-arrays.jsonl
"""
import io
import json

import ml_dtypes
import numpy as np

random = np.random.default_rng(7)


def write(array, text=True, npy=True, dtype=None):
    line = {"dtype": dtype or array.dtype.name, "shape": list(array.shape)}
    if array.dtype.kind == "S":
        line["dtype"] = "string"
        line["strings"] = [item.hex() for item in array.ravel().tolist()]
    else:
        line["bytes"] = array.tobytes().hex()
    if text:
        line["text"] = str(array)
    if npy:
        file = io.BytesIO()
        np.save(file, array)
        line["npy"] = file.getvalue().hex()
    print(json.dumps(line))


for kind in ["float32", "float64", "float16"]:
    values = [
        [0.1, 0.2, 0.3], [1 / 3, 2 / 3, 1.0], [1e-5, 1.0], [1e-4, 1.0], [0.001, 1.0], [1000.0, 0.5], [1001.0, 0.5],
        [1e4, 1.0, -1.0], [np.nan, np.inf, -1.5], [np.nan], [-np.inf, 12.25], [0.0, -0.0], [0.0], [1.0], [-1.0, 10.0, -100.0],
        [6e-8, 0.5], [0.12345678901234], [np.nan, 1e-6, 3.0], [123.456, 0.7],
    ]
    if kind != "float16":
        values += [[1e8, 1.0], [1e30], [99999999.0, 1e7], [1e-30, -1e30], [1e-300 if kind == "float64" else 1e-40, 0.0], [1e16], [12345678.9, 1e6]]
    for value in values:
        write(np.array(value, kind))
    for value in [0.1, 0.0, -0.0, 1e-7, 123456.0 if kind != "float16" else 123.0, -2.5, np.nan, np.inf, 1 / 3]:
        write(np.array(value, kind), npy=False)
    write(random.standard_normal((3, 4)).astype(kind))
    write(random.standard_normal((2, 3, 4)).astype(kind))
    write(random.standard_normal(30).astype(kind))
    write((random.standard_normal(30) * 1e5).astype(kind) if kind != "float16" else random.standard_normal(40).astype(kind))
    write((random.standard_normal((40, 40))).astype(kind), npy=False)
write(np.array(1e15), npy=False)
write(np.array(1e16), npy=False)
write(np.array(123456789.0, "float32"), npy=False)
write(np.zeros((12, 10, 10), "float32"), npy=False)
write(np.zeros((7, 200), "float32"), npy=False)
write(np.zeros((0, 3), "float32"))
write(np.zeros((2, 0), "int64"))
for kind in ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]:
    info = np.iinfo(kind)
    write(np.array([info.min, 0, 5, info.max], kind))
    write(np.array(info.max, kind))
write(np.arange(2000, dtype="int32"), npy=False)
write(np.arange(1000, dtype="int32"), npy=False)
write(np.arange(1001, dtype="int32"), npy=False)
write(np.arange(24, dtype="int32").reshape(2, 1, 3, 4))
write(np.array([[True, False], [True, True]]))
write(np.array(True))
write(np.array([1 + 2j, -0.5j], "complex64"))
write(np.array([[1.25 - 3j], [np.nan + 1e9j]], "complex128"))
write(np.zeros((300, 1, 2), "complex64"), text=False)
write(np.zeros((1,) * 20, "uint8"), text=False)
for kind in ["bfloat16", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e4m3b11fnuz", "float8_e5m2fnuz", "float4_e2m1fn"]:
    write(np.array([[0.5, -1.5, 0.25]], getattr(ml_dtypes, kind)), text=False)
write(np.array([b"ab", b"", b"\xff\x00c"]), text=False)
write(np.array(b"", "S1"), text=False)
write(np.array([[b"x"]]), text=False)
