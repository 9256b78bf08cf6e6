"""Builds a graph of variables, and saves and restores it with TensorFlow."""

import hashlib

import tensorflow as tf
from content import content_of
from measure import measure

v1 = tf.compat.v1
v1.disable_eager_execution()
v1.logging.set_verbosity(v1.logging.ERROR)

# The sharded workload uses four devices.
CONFIG = v1.ConfigProto(device_count={"CPU": 4})


class State:
    graph = None
    variables = None
    session = None
    saver = None


def prepare(count, elements, dtype, scope, devices):
    """Builds a graph of variables, which get no values yet. Returns their initial values' placeholders."""
    State.graph = v1.Graph()
    State.variables = []
    initials = []
    with State.graph.as_default():
        for i in range(count):
            with v1.device(f"/cpu:{i % devices}" if devices > 0 else None):
                initial = v1.placeholder(dtype, [elements])
                name = f"{scope}variable_{i:05}"
                State.variables.append(v1.Variable(initial, name=name, use_resource=True))
                initials.append(initial)
    new_session()
    return initials


def build(count, elements, dtype, scope, devices):
    initials = prepare(count, elements, dtype, scope, devices)
    # One run for all: TensorFlow prepares the graph again for each new set of fetches.
    feeds = {p: content_of(dtype, elements, i) for i, p in enumerate(initials)}
    State.session.run([v.initializer for v in State.variables], feeds)


def new_session():
    State.session = v1.Session(graph=State.graph, config=CONFIG)


def new_saver(sharded):
    with State.graph.as_default():
        State.saver = v1.train.Saver(sharded=sharded, max_to_keep=1_000_000)


def forget(fsync=False):
    State.session.close()
    new_session()


def save_to(prefix):
    State.saver.save(State.session, prefix, write_meta_graph=False, write_state=False)


def build_and_save(prefix):
    def action():
        new_saver(False)
        save_to(prefix)
    return measure(action)


def import_meta(path):
    def action():
        with v1.Graph().as_default():
            v1.train.import_meta_graph(path)
    return measure(action)


def export_meta(path):
    def action():
        with State.graph.as_default():
            State.saver.export_meta_graph(path)
    return measure(action)


def digest():
    sha = hashlib.sha256()
    with State.graph.as_default():
        for value in State.session.run([v.read_value() for v in State.variables]):
            for data in value if value.dtype == object else [value.tobytes()]:
                sha.update(data)
    return sha.hexdigest()


METHODS = {
    "build": build,
    "prepare": lambda **spec: prepare(**spec) and None,
    "saver": lambda sharded: new_saver(sharded),
    "buildAndSave": build_and_save,
    "save": lambda prefix: measure(lambda: save_to(prefix)),
    "forget": forget,
    "restore": lambda prefix: measure(lambda: State.saver.restore(State.session, prefix)),
    "exportMeta": export_meta,
    "importMeta": import_meta,
    "digest": digest,
}
