"""Reads and writes files of other formats with the libraries that people use."""

import base64

import ml_dtypes
import numpy as np
import safetensors

# Python's names of the dtypes of safetensors.
SAFETENSORS = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "U16": "uint16", "I16": "int16", "U32": "uint32", "I32": "int32",
    "U64": "uint64", "I64": "int64", "F16": "float16", "BF16": "bfloat16", "F32": "float32", "F64": "float64",
    "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2", "F8_E4M3FNUZ": "float8_e4m3fnuz",
    "F8_E5M2FNUZ": "float8_e5m2fnuz"}


def array_of(tensor):
    """Makes an array of any dtype from its bytes or strings in base64."""
    if "strings" in tensor:
        strings = [base64.b64decode(s) for s in tensor["strings"]]
        return np.array(strings, dtype="S").reshape(tensor["shape"])
    name = tensor["dtype"]
    dtype = np.dtype(getattr(ml_dtypes, name)) if hasattr(ml_dtypes, name) else np.dtype(name)
    return np.frombuffer(base64.b64decode(tensor["bytes"]), dtype).reshape(tensor["shape"])


def text(data):
    return base64.b64encode(bytes(data)).decode()


def read_safetensors(path):
    """Returns dtype, shape and bytes of each tensor, and the metadata."""
    with open(path, "rb") as file:
        tensors = safetensors.deserialize(file.read())
    with safetensors.safe_open(path, framework="numpy") as file:
        metadata = file.metadata()
    return {"metadata": metadata or {}, "tensors": {
        name: {"dtype": SAFETENSORS[t["dtype"]], "shape": t["shape"], "bytes": text(t["data"])} for name, t in tensors}}


def write_safetensors(path, tensors, metadata=None):
    arrays = {t["name"]: np.frombuffer(base64.b64decode(t["bytes"]), np.uint8) for t in tensors}
    specs = {t["name"]: safetensors.TensorSpec(
        dtype=t["dtype"], shape=t["shape"], data_ptr=arrays[t["name"]].ctypes.data,
        data_len=arrays[t["name"]].nbytes) for t in tensors}
    safetensors.serialize_file(specs, path, metadata=metadata)


def read_npz(path):
    """Returns NumPy's name of the dtype, shape and bytes of each array."""
    with np.load(path) as arrays:
        return {name: {"dtype": arrays[name].dtype.str, "shape": list(arrays[name].shape),
                       "bytes": text(np.ascontiguousarray(arrays[name]).tobytes())}
                for name in arrays.files if not name.endswith(".json")}


def write_npz(path, tensors, compressed=False, fortran=False, big_endian=False):
    arrays = {}
    for tensor in tensors:
        array = array_of(tensor)
        if fortran and array.ndim > 0:
            array = np.asfortranarray(array)
        if big_endian and array.dtype.kind in "fiuc":
            array = array.astype(array.dtype.newbyteorder(">"))
        arrays[tensor["name"]] = array
    with open(path, "wb") as file:
        (np.savez_compressed if compressed else np.savez)(file, **arrays)
