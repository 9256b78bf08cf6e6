"""Writes checkpoints as people have them, and restores them after `tfckpt edit`, as they would. In a process of its own, because
object-based checkpoints need eager execution.

usage: edited.py write|restore FOLDER, prints JSON
"""

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow as tf
from bert import bert_shapes, bert_values

v1 = tf.compat.v1


def save(prefix, values, version):
    """Saves values by name with a Saver."""
    with v1.Graph().as_default(), v1.Session() as session:
        variables = {name: v1.Variable(value, name="v") for name, value in values.items()}
        session.run(v1.global_variables_initializer())
        v1.train.Saver(variables, write_version=version).save(session, prefix, write_meta_graph=False, write_state=False)


def restore(prefix, variables):
    """Restores variables of these names, shapes and dtypes with a Saver. Returns their values."""
    with v1.Graph().as_default(), v1.Session() as session:
        made = {name: v1.get_variable(name, shape, dtype) for name, (shape, dtype) in variables.items()}
        v1.train.Saver().restore(session, prefix)
        return session.run(made)


def tower(scope):
    """Builds a small model in a scope."""
    with v1.variable_scope(scope):
        w = v1.get_variable("dense/kernel", [3, 4])
        b = v1.get_variable("dense/bias", [4])
    return w, b


OPTIMIZERS = {
    "adam": lambda: v1.train.AdamOptimizer(), "momentum": lambda: v1.train.MomentumOptimizer(0.1, 0.9),
    "adagrad": lambda: v1.train.AdagradOptimizer(0.1), "rmsprop": lambda: v1.train.RMSPropOptimizer(0.1, centered=True),
    "adadelta": lambda: v1.train.AdadeltaOptimizer(), "ftrl": lambda: v1.train.FtrlOptimizer(0.1),
    "proximal": lambda: v1.train.ProximalAdagradOptimizer(0.1),
    "dual": lambda: v1.train.AdagradDAOptimizer(0.1, v1.train.get_global_step()),
}


def write_optimizers(prefix):
    """Saves a model with the slots of all optimizers, some made in scopes, and moving averages of variables and of a loss."""
    with v1.Graph().as_default(), v1.Session() as session:
        v1.train.create_global_step()
        w, b = tower("net")
        loss = tf.reduce_sum(w ** 2) + tf.reduce_sum(b)
        for i, (name, make) in enumerate(OPTIMIZERS.items()):
            with v1.variable_scope(f"train_{name}" if i % 2 else v1.get_variable_scope()):
                make().minimize(loss)
        average = v1.train.ExponentialMovingAverage(0.9, zero_debias=True)
        average.apply([w, b, loss])
        session.run(v1.global_variables_initializer())
        for variable, value in ((average.average(w), 2.5), (average.average(b), 3.5)):
            session.run(v1.assign(variable, tf.fill(variable.shape, value)))
        v1.train.Saver().save(session, prefix, write_meta_graph=False, write_state=False)


class Module(tf.Module):
    def __init__(self, **children):
        super().__init__()
        for name, child in children.items():
            setattr(self, name, child)


def module(fill=0.0):
    """A model of variables, a list, and a variable that two names share."""
    layer = Module(kernel=tf.Variable(tf.fill([2, 3], fill + 1), name="kernel"), bias=tf.Variable(tf.fill([3], fill + 2)))
    return Module(layer=layer, tied=layer.kernel, items=[tf.Variable(fill + 3), tf.Variable(fill + 4)])


def variables_of(model):
    return [model.layer.kernel, model.layer.bias, *model.items]


def step(model, optimizer):
    loss = lambda: sum(tf.reduce_sum(v ** 2) for v in variables_of(model))
    optimizer.minimize(loss, var_list=variables_of(model))


def keras_model(use_ema=False):
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.BatchNormalization(),
                              keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01, use_ema=use_ema, ema_overwrite_frequency=None), "mse")
    return model


def lists(values):
    return {name: np.asarray(value).tolist() for name, value in values.items()}


def write(folder):
    save(f"{folder}/bert", bert_values(), 2)
    save(f"{folder}/bert-v1", bert_values(), 1)
    write_optimizers(f"{folder}/optimizers")
    save(f"{folder}/small", {"dense/kernel": np.full([3, 4], 5, np.float32), "dense/bias": np.full([4], 6, np.float32)}, 2)
    model, optimizer = module(10.0), v1.train.AdamOptimizer(0.1)
    step(model, optimizer)
    checkpoint = tf.train.Checkpoint(model=model, optimizer=optimizer)
    values = lambda: [[v.numpy() for v in variables_of(model)],
                      [optimizer.get_slot(v, name).numpy() for v in variables_of(model) for name in ("m", "v")]]
    checkpoint.save(f"{folder}/objects")
    first = values()
    step(model, optimizer)
    checkpoint.save(f"{folder}/objects")
    mean = [[((a.astype(np.float64) + b) / 2).astype(a.dtype).tolist() for a, b in zip(*pair)] for pair in zip(first, values())]
    keras = keras_model(use_ema=True)
    for _ in range(3):
        keras.fit(np.ones([8, 3], np.float32), np.zeros([8, 1], np.float32), verbose=0)
    # The end of fit put the averages into the model.
    for v in keras.trainable_variables:
        v.assign(v + 1)
    tf.train.Checkpoint(model=keras).save(f"{folder}/keras")
    variables, slots = first
    return {
        "variables": [v.tolist() for v in variables],
        "slots": [v.tolist() for v in slots],
        "mean": mean,
        "weights": [w.tolist() for w in keras.get_weights()],
        "averages": [v.numpy().tolist() for v in keras.optimizer._model_variables_moving_average],
    }


def restore_objects(prefix, wrap):
    """Restores the model, and the optimizer's slots, under other names. Returns all values, and those that load_checkpoint finds."""
    model, optimizer = module(), v1.train.AdamOptimizer(0.1)
    status = tf.train.Checkpoint(**wrap(model, optimizer)).restore(prefix)
    status.expect_partial()
    values = [v.numpy().tolist() for v in variables_of(model)]
    slots = [optimizer.get_slot(v, name) for v in variables_of(model) for name in ("m", "v")]
    reader = tf.train.load_checkpoint(prefix)
    return {
        "variables": values,
        "slots": [None if s is None else s.numpy().tolist() for s in slots],
        "tied": bool(model.tied is model.layer.kernel),
        "found": {name: np.asarray(reader.get_tensor(name)).tolist() for name in reader.get_variable_to_shape_map()
                  if name != "_CHECKPOINTABLE_OBJECT_GRAPH"},
    }


def restore_keras(prefix):
    model = keras_model()
    model.optimizer = None
    tf.train.Checkpoint(model=model).restore(prefix).expect_partial()
    return [w.tolist() for w in model.get_weights()]


def restore_all(folder):
    bert = {name: (shape, tf.float32) for name, shape in bert_shapes().items()}
    values = bert_values()
    same = lambda restored: all(np.array_equal(value, values[name]) for name, value in restored.items())
    half = {name: (shape, tf.bfloat16 if name.endswith(("kernel", "embeddings")) else tf.float32) for name, shape in bert_shapes().items()}
    rounded = restore(f"{folder}/bert-half", half)
    kernel = values["bert/pooler/dense/kernel"]
    net = {"net/dense/kernel": ((3, 4), tf.float32), "net/dense/bias": ((4,), tf.float32)}
    with v1.Graph().as_default(), v1.Session() as session:
        # A larger graph: the small model is one of its towers.
        big = {"towers/0": tower("towers/0"), "towers/1": tower("towers/1")}
        session.run(v1.global_variables_initializer())
        v1.train.Saver(big["towers/1"]).restore(session, f"{folder}/in-scope")
        tower_values = [value.tolist() for value in session.run(big["towers/1"])]
    return {
        "bert": [same(restore(f"{folder}/{name}", {**bert, "global_step": ((), tf.int64)}))
                 for name in ("bert-small", "bert-v1-small")],
        "bert_half": bool(np.array_equal(rounded["bert/pooler/dense/kernel"], kernel.astype(tf.bfloat16.as_numpy_dtype))),
        "without_optimizers": sorted(name for name, _ in tf.train.list_variables(f"{folder}/without-optimizers")),
        "averages": lists(restore(f"{folder}/averages", net)),
        "in_scope": tower_values,
        "renamed": restore_objects(f"{folder}/renamed", lambda m, o: {"net": Module(encoder=m), "opt": o}),
        "scoped": restore_objects(f"{folder}/scoped", lambda m, o: {"big": Module(model=m, optimizer=o)}),
        "small": restore_objects(f"{folder}/small-objects", lambda m, o: {"model": m, "optimizer": o}),
        "copied": [restore_objects(f"{folder}/copied", wrap)["variables"] for wrap in (
            lambda m, o: {"model": m}, lambda m, o: {"teacher": m})],
        "merged": [restore_objects(f"{folder}/merged", wrap)["variables"] for wrap in (
            lambda m, o: {"model": m}, lambda m, o: {"big": Module(model=m)})],
        "mean": restore_objects(f"{folder}/mean-objects", lambda m, o: {"model": m, "optimizer": o}),
        "keras": restore_keras(f"{folder}/keras-small"),
        "keras_averages": restore_keras(f"{folder}/keras-averages"),
    }


if __name__ == "__main__":
    print(json.dumps((write if sys.argv[1] == "write" else restore_all)(sys.argv[2])))
