"""Trains models with Keras 3, Keras 2 or TensorFlow 1, and restores what TensorFlow.js made of them.

python tfjs.py write FOLDER    writes checkpoints, and prints what is due
python tfjs.py restore FOLDER  restores the checkpoints of TensorFlow.js, and prints predictions and losses
"""
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
step, folder = sys.argv[1:]

import numpy as np
import tensorflow as tf

if len(tf.config.list_physical_devices("GPU")):
    tf.config.set_visible_devices([], "GPU")

STEPS = 10
RANDOM = np.random.default_rng(7)


def record(array):
    array = np.asarray(array)
    return {"dtype": str(array.dtype), "shape": list(array.shape), "values": array.reshape(-1).tolist()}


def sequential(keras):
    return keras.Sequential([
        keras.layers.Input((5,), dtype="int32"),
        keras.layers.Embedding(40, 3, name="words"),
        keras.layers.LSTM(4, name="memory"),
        keras.layers.Dense(3, activation="relu", name="hidden"),
        keras.layers.BatchNormalization(name="norm"),
        keras.layers.Dense(2, name="out"),
    ])


def functional(keras):
    image = keras.layers.Input((6, 6, 2))
    x = keras.layers.Conv2D(3, 3, activation="relu")(image)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.Flatten()(x)
    y = keras.layers.Dense(2, use_bias=False)(x)
    return keras.Model(image, keras.layers.Add()([y, keras.layers.Dense(2, activation="tanh")(x)]))


def data(name):
    # No word occurs twice: Keras squares the gradients of a word apart, TensorFlow.js their sum.
    inputs = RANDOM.permutation(40).reshape(8, 5).astype("int32") if name == "sequential" else \
        RANDOM.normal(size=(8, 6, 6, 2)).astype("float32")
    return inputs, RANDOM.normal(size=(8, 2)).astype("float32")


MODELS = {"sequential": sequential, "functional": functional}


def optimizers(keras):
    o = keras.optimizers
    made = {
        "sgd": (0.05, lambda rate: o.SGD(rate)),
        "momentum": (0.05, lambda rate: o.SGD(rate, momentum=0.9)),
        "nesterov": (0.05, lambda rate: o.SGD(rate, momentum=0.9, nesterov=True)),
        "adam": (0.02, lambda rate: o.Adam(rate)),
        "adamax": (0.02, lambda rate: o.Adamax(rate)),
        "adagrad": (0.05, lambda rate: o.Adagrad(rate)),
        "rmsprop": (0.01, lambda rate: o.RMSprop(rate)),
        "rmsprop_momentum": (0.01, lambda rate: o.RMSprop(rate, momentum=0.5)),
        "adadelta": (0.5, lambda rate: o.Adadelta(rate)),
    }
    constant = {name: lambda rate=rate, make=make: make(rate) for name, (rate, make) in made.items()}
    schedule = o.schedules.ExponentialDecay
    return constant | {
        f"{name}_schedule": lambda rate=rate, make=make: make(schedule(rate, 3, 0.7)) for name, (rate, make) in made.items()}


def compiled(keras, model, optimizer):
    made = MODELS[model](keras)
    made.compile(optimizer=optimizers(keras)[optimizer](), loss="mean_squared_error")
    return made


def train(model, inputs, targets, steps):
    """Returns the loss before each step."""
    losses = []
    for _ in range(steps):
        model.reset_metrics()
        losses.append(float(np.asarray(model.train_on_batch(inputs, targets))))
    return losses


CASES = [(model, optimizer) for model in MODELS for optimizer in optimizers(tf.keras)
         if model == "functional" or not optimizer.endswith("_schedule")]


def write():
    made = {}
    for model, optimizer in CASES:
        keras_model = compiled(tf.keras, model, optimizer)
        inputs, targets = data(model)
        train(keras_model, inputs, targets, 4)
        prefix = os.path.join(folder, f"{model}-{optimizer}")
        tf.train.Checkpoint(model=keras_model).write(prefix)
        predictions = keras_model.predict(inputs, verbose=0)
        made[f"{model}-{optimizer}"] = {
            "inputs": record(inputs), "targets": record(targets), "predictions": record(predictions),
            "losses": train(keras_model, inputs, targets, STEPS)}
    made["exported"] = export()
    made["tf1"] = write_tf1()
    made["keras2"] = write_keras2()
    return made


def export():
    """Exports a SavedModel of Keras 3."""
    model = sequential(tf.keras)
    inputs, _ = data("sequential")
    model.export(os.path.join(folder, "exported"), verbose=False)
    return {"inputs": record(inputs), "predictions": record(model.predict(inputs, verbose=0))}


def write_keras2():
    import tf_keras
    model = functional(tf_keras)
    inputs, _ = data("functional")
    model.save_weights(os.path.join(folder, "keras2"))
    return {"inputs": record(inputs), "predictions": record(model.predict(inputs, verbose=0))}


def tf1_graph():
    tf1 = tf.compat.v1
    x = tf1.placeholder(tf.float32, (8, 3))
    y = tf1.placeholder(tf.float32, (8, 1))
    hidden = tf.tanh(tf.matmul(x, tf1.get_variable("hidden/weights", (3, 4))) + tf1.get_variable("hidden/biases", (4,)))
    out = tf.matmul(hidden, tf1.get_variable("out/weights", (4, 1))) + tf1.get_variable("out/biases", (1,))
    loss = tf.reduce_mean(tf.square(out - y))
    train_op = tf1.train.AdamOptimizer(0.02, epsilon=1e-7).minimize(loss)
    return x, y, out, loss, train_op


def write_tf1():
    tf1 = tf.compat.v1
    inputs, targets = RANDOM.normal(size=(8, 3)).astype("float32"), RANDOM.normal(size=(8, 1)).astype("float32")
    with tf.Graph().as_default(), tf1.Session() as session:
        x, y, out, loss, train_op = tf1_graph()
        session.run(tf1.global_variables_initializer())
        feed = {x: inputs, y: targets}
        for _ in range(4):
            session.run(train_op, feed)
        tf1.train.Saver().save(session, os.path.join(folder, "tf1"), write_meta_graph=False)
        predictions = session.run(out, feed)
        losses = [float(session.run([loss, train_op], feed)[0]) for _ in range(STEPS)]
    return {"inputs": record(inputs), "targets": record(targets), "predictions": record(predictions), "losses": losses}


def tensor(value):
    return np.array(value["values"], value["dtype"]).reshape(value["shape"])


def restore():
    with open(os.path.join(folder, "ours.json")) as file:
        cases = json.load(file)
    import tf_keras
    made = {}
    for name, case in cases.items():
        inputs = tensor(case["inputs"])
        path = os.path.join(folder, "ours", name)
        if name == "tf1":
            made[name] = restore_tf1(path, inputs, tensor(case["targets"]))
            continue
        model, optimizer = name.split("-")
        keras_model = compiled(tf.keras, model, optimizer)
        status = tf.train.Checkpoint(model=keras_model).read(path)
        status.expect_partial()
        predictions = keras_model.predict(inputs, verbose=0)
        losses = train(keras_model, inputs, tensor(case["targets"]), 3)
        status.assert_consumed()
        keras2 = MODELS[model](tf_keras)
        keras2.load_weights(path + "-weights").expect_partial()
        made[name] = {"predictions": record(predictions), "losses": losses,
                      "keras2": record(keras2.predict(inputs, verbose=0))}
    return made


def restore_tf1(path, inputs, targets):
    tf1 = tf.compat.v1
    with tf.Graph().as_default(), tf1.Session() as session:
        x, y, out, loss, train_op = tf1_graph()
        tf1.train.Saver().restore(session, path)
        feed = {x: inputs, y: targets}
        predictions = session.run(out, feed)
        losses = [float(session.run([loss, train_op], feed)[0]) for _ in range(3)]
    return {"predictions": record(predictions), "losses": losses}


print(json.dumps(write() if step == "write" else restore()))
