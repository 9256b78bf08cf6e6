"""Works on whole checkpoints with NumPy over TensorFlow's reader, as people's scripts do."""

import numpy as np
import tensorflow as tf
from measure import measure
from safetensors.numpy import save_file

SHARES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


def tensors_of(*prefixes):
    """Yields the tensors of each name."""
    readers = [tf.train.load_checkpoint(prefix) for prefix in prefixes]
    for name in sorted(readers[0].get_variable_to_dtype_map()):
        yield name, *(reader.get_tensor(name) for reader in readers)


def stat(prefix):
    for _, value in tensors_of(prefix):
        finite = value[np.isfinite(value)]
        np.isnan(value).sum(), np.isposinf(value).sum(), np.isneginf(value).sum(), (finite == 0).sum()
        finite.min(), finite.max(), finite.mean(dtype=np.float64), finite.std(dtype=np.float64)
        np.abs(finite).sum(dtype=np.float64), np.sqrt(np.square(finite, dtype=np.float64).sum())
        np.quantile(finite, SHARES)
        np.histogram(finite, 20)


def diff(a, b):
    for _, x, y in tensors_of(a, b):
        (x != y).sum()
        distance = np.abs(x.astype(np.float64) - y)
        distance.max(), distance.mean()
        x, y = x.ravel().astype(np.float64), y.ravel().astype(np.float64)
        np.dot(x, y) / (np.linalg.norm(x) * np.linalg.norm(y))


def average(a, b, destination):
    names, values = [], []
    for name, x, y in tensors_of(a, b):
        names.append(name)
        values.append(((x.astype(np.float64) + y) / 2).astype(x.dtype))
    with tf.compat.v1.Graph().as_default(), tf.compat.v1.Session() as session:
        feeds = [tf.compat.v1.placeholder(value.dtype, value.shape) for value in values]
        save = tf.raw_ops.SaveV2(prefix=destination, tensor_names=names, shape_and_slices=[""] * len(names), tensors=feeds)
        session.run(save, dict(zip(feeds, values)))


def convert(prefix, destination):
    save_file(dict(tensors_of(prefix)), destination)


METHODS = {
    "statCheckpoint": lambda **params: measure(lambda: stat(**params)),
    "diffCheckpoints": lambda **params: measure(lambda: diff(**params)),
    "averageCheckpoints": lambda **params: measure(lambda: average(**params)),
    "convertToSafetensors": lambda **params: measure(lambda: convert(**params)),
}
