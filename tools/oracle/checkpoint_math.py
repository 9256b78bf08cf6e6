"""Computes statistics, differences and averages of checkpoints with NumPy, for comparison."""

import math

import numpy as np
import tensorflow as tf
from tensorflow.python.eager import context

SHARES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


def read_all(prefix):
    """Returns all tensors of a checkpoint by name. Those that TensorFlow can't join are left out."""
    found = {}
    with context.eager_mode():
        for name, dtype in tf.train.load_checkpoint(prefix).get_variable_to_dtype_map().items():
            try:
                tensor, = tf.raw_ops.RestoreV2(prefix=prefix, tensor_names=[name], shape_and_slices=[""], dtypes=[dtype])
            except tf.errors.OpError:
                continue
            value = np.asarray(tensor.numpy())
            # Quantized numbers are structures of one field.
            found[name] = value.view(value.dtype.descr[0][1]) if value.dtype.fields else value
    return found


def is_floating(dtype):
    return "float" in dtype.name or dtype.kind == "c"


def as_float64(value):
    """Returns a tensor's numbers in float64; of complex ones, the magnitudes; None for strings."""
    if value.dtype.kind in "OSU":
        return None
    if value.dtype.kind == "c":
        value = value.astype(np.complex128)
        return np.hypot(value.real, value.imag)
    return value.astype(np.float64)


def text(value):
    """Returns a number as text, so that infinities survive JSON and floats all their bits."""
    return repr(float(value))


def stat_tensors(prefixes):
    """Returns statistics of each tensor of each checkpoint."""
    return [{name: stat_of(value) for name, value in read_all(prefix).items()} for prefix in prefixes]


def stat_of(value):
    numbers = as_float64(value)
    if numbers is None:
        return {"elements": int(value.size)}
    finite = numbers[np.isfinite(numbers)].ravel()
    found = {
        "elements": int(numbers.size),
        "nan": int(np.isnan(numbers).sum()),
        "positiveInfinity": int(np.isposinf(numbers).sum()),
        "negativeInfinity": int(np.isneginf(numbers).sum()),
        "zeros": int((finite == 0).sum()),
    }
    if finite.size == 0:
        return found
    with np.errstate(over="ignore", invalid="ignore"):
        try:
            mean = math.fsum(finite) / finite.size
        except OverflowError:
            mean = math.nan
        return {**found,
                "min": text(finite.min()), "max": text(finite.max()), "mean": text(mean),
                "l1": text(np.abs(finite).sum()), "l2": text(np.sqrt((finite * finite).sum())),
                "deviation": text(finite.std()), "quantiles": [text(q) for q in np.quantile(finite, SHARES)]}


def diff_tensors(pairs, atol, rtol):
    """Returns, for each pair of checkpoints, the difference of each tensor that both have with one dtype and shape."""
    results = []
    for a, b in pairs:
        before, after = read_all(a), read_all(b)
        results.append({name: diff_of(before[name], after[name], atol, rtol) for name in before
                        if name in after and before[name].shape == after[name].shape
                        and before[name].dtype == after[name].dtype})
    return results


def diff_of(a, b, atol, rtol):
    if a.dtype.kind in "OSU":
        return {"differing": int((a != b).sum())}
    wide = np.complex128 if a.dtype.kind == "c" else np.float64
    x, y = a.astype(wide).ravel(), b.astype(wide).ravel()
    with np.errstate(all="ignore"):
        differing = ~np.isclose(x, y, rtol=rtol, atol=atol, equal_nan=True)
        if atol == rtol == 0:  # 64-bit integers are compared exactly
            differing = (a.ravel() != b.ravel()) & ~(np.isnan(x) & np.isnan(y))
        distance = np.abs(x - y)
        distance[x == y] = 0
        distance = distance[~np.isnan(distance)]
    return {"differing": int(differing.sum()), "elements": int(a.size),
            "largest": text(distance.max()) if distance.size else None}


def average_tensors(sources, weights, destination, names):
    """Returns the names of the tensors whose bytes in `destination` are not those of NumPy's average."""
    values = [read_all(source) for source in sources]
    found = read_all(destination)
    wrong = []
    for name in names:
        if any(name not in value for value in [*values, found]):
            continue
        newest = values[-1][name]
        expected = newest
        if is_floating(newest.dtype):
            wide = np.complex128 if newest.dtype.kind == "c" else np.float64
            # Sums of zeros keep their sign.
            total = np.full(newest.shape, -0.0, wide)
            if wide is np.complex128:
                total.imag = -0.0
            with np.errstate(all="ignore"):
                for value, weight in zip(values, weights):
                    # Parts of complex numbers are averaged on their own, so infinities don't spread.
                    if wide is np.complex128:
                        part = value[name].astype(wide)
                        total.real += weight * part.real
                        total.imag += weight * part.imag
                    else:
                        total += weight * value[name].astype(wide)
                if wide is np.complex128:
                    total.real /= np.sum(weights)
                    total.imag /= np.sum(weights)
                else:
                    total /= np.sum(weights)
                expected = total.astype(newest.dtype)
        if not same(found[name], expected):
            wrong.append(name)
    return wrong


def same(a, b):
    """True if two arrays have the same bits, apart from those of NaN."""
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    if a.dtype.kind in "OSU":
        return bool((a == b).all())
    if a.dtype.kind == "c":
        return same(a.real.copy(), b.real.copy()) and same(a.imag.copy(), b.imag.copy())
    nan_a, nan_b = np.isnan(a.astype(np.float64)), np.isnan(b.astype(np.float64))
    if (nan_a != nan_b).any():
        return False
    return a[~nan_a].tobytes() == b[~nan_b].tobytes()
