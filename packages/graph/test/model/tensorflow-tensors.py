"""Writes tensorflow-tensors.jsonl: tensors as TensorFlow 2.21 puts them into graphs, and odd messages as it reads them.

Run as: python tensorflow-tensors.py > tensorflow-tensors.jsonl
"""
import base64
import json

import ml_dtypes
import numpy as np
import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.framework import tensor_pb2

v1 = tf.compat.v1
v1.disable_eager_execution()

NUMBERS = {
    "float32": [1.5, -0.0, np.inf], "float64": [1e300, -1, 0.1], "int32": [-(2**31), 7, 2**31 - 1], "uint8": [0, 255, 7],
    "int16": [-32768, 32767, 1], "int8": [-128, 127, 1], "int64": [-(2**63), 2**63 - 1, 1], "uint16": [0, 65535, 1],
    "uint32": [0, 2**32 - 1, 1], "uint64": [0, 2**64 - 1, 1], "complex64": [1 + 2j, -3j, 4], "complex128": [1e300 + 2j, -3j, 4],
    "bool": [True, False, True], "float16": [1, -2.5, 65504], "bfloat16": [1, -2.5, 3e38],
    "float8_e5m2": [1, -2, 0.5], "float8_e4m3fn": [1, -2, 0.5],
    "float8_e4m3fnuz": [1, -2, 0.5], "float8_e4m3b11fnuz": [1, -2, 0.5], "float8_e5m2fnuz": [1, -2, 0.5], "float4_e2m1fn": [1, -2, 0.5],
    "int4": [-8, 7, -1], "uint4": [0, 15, 8], "int2": [-2, 1, 0], "uint2": [0, 3, 1],
}
ODD = [
    ("DT_FLOAT", ""), ("DT_FLOAT", "float_val: [1, 2]"), ("DT_FLOAT", "float_val: [1, 2, 3, 4]"), ("DT_FLOAT", "tensor_content: 'abcd'"),
    ("DT_FLOAT", "tensor_content: 'abcdabcdabcdabcd'"), ("DT_FLOAT", "float_val: 1 tensor_content: 'abcdabcdabcd'"), ("DT_INT32", "float_val: 1"),
    ("DT_COMPLEX64", ""), ("DT_COMPLEX64", "scomplex_val: 1"), ("DT_COMPLEX64", "scomplex_val: [1, 2, 3]"), ("DT_COMPLEX64", "scomplex_val: [1, 2, 3, 4]"),
    ("DT_COMPLEX128", "dcomplex_val: [1, 2]"), ("DT_INT8", "int_val: [300, -1]"), ("DT_UINT16", "int_val: 65535"), ("DT_HALF", "half_val: 15360"),
    ("DT_BFLOAT16", "half_val: 16256"), ("DT_BOOL", "bool_val: true"), ("DT_INT64", "int64_val: -1"), ("DT_UINT64", "uint64_val: 18446744073709551615"),
    ("DT_INT4", "int_val: [-3, 2]"), ("DT_INT4", "tensor_content: '\\375\\002\\003'"), ("DT_UINT4", "int_val: 13"), ("DT_FLOAT8_E5M2", "float8_val: '\\001\\002'"),
    ("DT_STRING", ""), ("DT_STRING", "string_val: ['a', 'b']"), ("DT_STRING", "string_val: ['a', 'b', 'c', 'd']"),
    ("DT_STRING", "tensor_content: '\\001\\000\\003aabc'"), ("DT_STRING", "tensor_content: '\\001\\001\\001ab'"), ("DT_STRING", "tensor_content: '\\001\\001\\001abcd'"),
]


def b64(data):
    return base64.b64encode(data).decode()


def contents(array):
    """Bytes as tfsaver holds them: low bits only for types smaller than a byte."""
    if array.dtype == object:
        return [b64(item) for item in array.reshape(-1)]
    bits = {ml_dtypes.int4: 4, ml_dtypes.uint4: 4, ml_dtypes.int2: 2, ml_dtypes.uint2: 2}.get(array.dtype.type)
    if bits:
        array = array.astype(np.int8) & (1 << bits) - 1
    return b64(array.tobytes())


def made(dtype, array):
    proto = tf.make_tensor_proto(array, dtype=tf.as_dtype(dtype))
    return {"dtype": dtype, "shape": list(array.shape), "data": contents(array), "proto": b64(proto.SerializeToString(deterministic=True))}


def read(proto):
    graph = tf.Graph()
    with graph.as_default():
        attrs = {"value": v1.AttrValue(tensor=proto), "dtype": v1.AttrValue(type=proto.dtype)}
        output = graph.create_op("Const", [], [tf.as_dtype(proto.dtype)], attrs=attrs, name="c").outputs[0]
        with v1.Session(graph=graph) as session:
            return session.run(output)


for dtype, values in NUMBERS.items():
    array = np.array(values, tf.as_dtype(dtype).as_numpy_dtype)
    for one in [array, array[:1].reshape([]), array[:1], array[:0], array[:2].reshape([2, 1]), np.array([values[1]] * 5, array.dtype)]:
        try:
            print(json.dumps(made(dtype, one)))
        except TypeError:
            pass  # TensorFlow has no form for a single element of the rarest types.
for array in [np.array(b"one"), np.array([b"a", b"", b"\xff\x00"], object), np.array([], object), np.array([[b"x"], [b"x"]], object)]:
    print(json.dumps(made("string", array.astype(object))))
for dtype, fields in ODD:
    proto = text_format.Parse("dtype: %s tensor_shape { dim { size: 3 } } %s" % (dtype, fields), tensor_pb2.TensorProto())
    record = {"odd": "%s %s" % (dtype, fields), "proto": b64(proto.SerializeToString())}
    try:
        array = read(proto)
        record.update(dtype=tf.as_dtype(proto.dtype).name, shape=list(array.shape), data=contents(array))
    except Exception as error:
        record["error"] = type(error).__name__
    print(json.dumps(record))
