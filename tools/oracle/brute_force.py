"""Edits checkpoints in memory with NumPy, by the same steps as `editCheckpoint`."""

import fnmatch
import re

import numpy as np
import tensorflow as tf
from form import form
from tensorflow.python.eager import context


def content_of(prefix):
    """Reads a checkpoint whole: arrays by name, and their dtypes, which NumPy does not know all."""
    reader = tf.train.load_checkpoint(prefix)
    dtypes = {name: tf.dtypes.as_dtype(dtype) for name, dtype in reader.get_variable_to_dtype_map().items()}
    names = sorted(dtypes)
    if not names:
        return {}
    with context.eager_mode():
        tensors = tf.raw_ops.RestoreV2(prefix=prefix, tensor_names=names, shape_and_slices=[""] * len(names),
                                       dtypes=[dtypes[name] for name in names])
        return {name: (np.asarray(tensor.numpy()), dtypes[name].name) for name, tensor in zip(names, tensors)}


def matching(content, patterns):
    """Returns the names that match one of the patterns; None if a pattern matches none."""
    found = [[name for name in content if fnmatch.fnmatchcase(name, pattern)] for pattern in patterns]
    return None if any(not names for names in found) else {name for names in found for name in names}


def renamed(content, new_names):
    """Returns the content under new names; None if two become one, one is empty, or nothing changes."""
    pairs = [(new, value) for name, value in content.items() for new in new_names(name)]
    result = dict(pairs)
    is_same = [new for new, _ in pairs] == list(content)
    return None if len(result) < len(pairs) or "" in result or is_same else result


def apply(content, step):
    """Applies a step. Returns None if it is an error."""
    if "rename" in step:
        pattern, replacement = step["python"]
        return renamed(content, lambda name: [re.sub(pattern, replacement, name, count=1)])
    if "map" in step:
        table = step["map"]
        return renamed(content, lambda name: table.get(name, [name])) if all(n in content for n in table) else None
    if "addScope" in step:
        return renamed(content, lambda name: [f"{step['addScope']}/{name}"])
    if "keep" in step or "drop" in step:
        names = matching(content, step.get("keep", step.get("drop")))
        return names and {n: v for n, v in content.items() if (n in names) == ("keep" in step)} or None
    if "cast" in step:
        names = matching(content, step["match"]) if "match" in step else {
            n for n, (_, dtype) in content.items() if dtype in ("float16", "bfloat16", "float32", "float64")}
        if names is None or any(content[n][1] in ("string", "complex64", "complex128") for n in names):
            return None
        dtype = tf.dtypes.as_dtype(step["cast"])
        with np.errstate(all="ignore"):
            cast = lambda value: (without_nan_bits(value[0].astype(dtype.as_numpy_dtype)), dtype.name)
            return {n: cast(v) if n in names and v[1] != dtype.name else v for n, v in content.items()}
    if "reshape" in step:
        name = step["reshape"]
        return {**content, name: (content[name][0].reshape(step["shape"]), content[name][1])}
    if "merge" in step:
        other = content_of(step["merge"])
        return None if set(other) & set(content) else {**content, **other}
    assert "reslice" in step
    return content


def without_nan_bits(value):
    """Gives all NaN the same bits."""
    return np.where(np.isnan(value), np.array(np.nan, value.dtype), value)


def edit_by_hand(prefix, steps):
    """Returns the tensors of an edited checkpoint, and which of them were cast; None if an error is due."""
    content = content_of(prefix)
    for step in steps:
        content = apply(content, step)
        if not content:
            return None
    return {name: comparable(value, dtype) for name, (value, dtype) in content.items()}


def comparable(value, dtype):
    """Returns a value in the form of expected.json, with NaN of the floats that casts make of one kind."""
    floats = ("float16", "bfloat16", "float32", "float64")
    return form(without_nan_bits(value) if dtype in floats else value, dtype)


def read_comparable(prefix):
    """Reads a checkpoint in the form of `edit_by_hand`."""
    return {name: comparable(value, dtype) for name, (value, dtype) in content_of(prefix).items()}
