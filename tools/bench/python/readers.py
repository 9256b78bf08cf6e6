"""Reads checkpoints without a graph."""

import tensorflow as tf
from measure import measure


def list_variables(prefix):
    found = []
    measured = measure(lambda: found.extend(tf.train.list_variables(prefix)))
    return {**measured, "found": len(found)}


def pick(prefix, name):
    return measure(lambda: tf.train.load_variable(prefix, name))


METHODS = {"list": list_variables, "pick": pick}
