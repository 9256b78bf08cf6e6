"""Saves in the background of a training loop, with the library that the argument names: `tensorflow` or `orbax`."""

from serving import serve

import os
import shutil
import sys
import threading
import time

# A step is the work of one thread, as in JavaScript.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np
from content import content_of

SIZE = 400
ALONE_SECONDS = 1.0
A = np.full((SIZE, SIZE), 1.5)
B = np.full((SIZE, SIZE), 0.5)


class TensorflowSaver:
    """Saves with `tf.train.Checkpoint` and `CheckpointOptions(enable_async=True)`, which needs eager mode."""

    def __init__(self, arrays):
        import tensorflow as tf

        self.checkpoint = tf.train.Checkpoint(v=[tf.Variable(array) for array in arrays])
        self.in_background = tf.train.CheckpointOptions(enable_async=True)

    def save(self, path):
        self.checkpoint.write(path)

    def stage(self, path):
        self.checkpoint.write(path, options=self.in_background)

    def wait(self):
        self.checkpoint.sync()


class OrbaxSaver:
    """Saves with Orbax's `StandardCheckpointer`, which saves asynchronously."""

    def __init__(self, arrays):
        import jax.numpy as jnp
        import orbax.checkpoint as ocp

        self.tree = {f"v{i}": jnp.asarray(array) for i, array in enumerate(arrays)}
        self.checkpointer = ocp.StandardCheckpointer()

    def save(self, path):
        self.stage(path)
        self.wait()

    def stage(self, path):
        self.checkpointer.save(os.path.abspath(path), self.tree)

    def wait(self):
        self.checkpointer.wait_until_finished()


class State:
    saver = None


def build(count, elements, dtype, scope, devices):
    arrays = [content_of(dtype, elements, i) for i in range(count)]
    State.saver = {"tensorflow": TensorflowSaver, "orbax": OrbaxSaver}[sys.argv[1]](arrays)


def run_until(is_done):
    """Returns steps per second, of at least one, and the seconds of the longest step."""
    start = now = time.perf_counter()
    steps, longest = 0, 0.0
    while steps == 0 or not is_done(now - start):
        A @ B
        before, now = now, time.perf_counter()
        longest = max(longest, now - before)
        steps += 1
    return steps / (now - start), longest


def empty(folder):
    shutil.rmtree(folder)
    os.mkdir(folder)


def save_beside(folder):
    """Empties the folder before each save, so that the system has the same free memory for all of them."""
    prefix = folder + "/model"
    rate_alone, _ = run_until(lambda seconds: seconds > ALONE_SECONDS)
    alone = 0.0
    # The first one is there to leave free memory behind.
    for _ in range(2):
        empty(folder)
        start = time.perf_counter()
        State.saver.save(prefix)
        alone = time.perf_counter() - start
    empty(folder)
    start = time.perf_counter()
    State.saver.stage(prefix)
    staged = time.perf_counter() - start
    ended = []

    def wait():
        State.saver.wait()
        ended.append(time.perf_counter() - start)

    waiting = threading.Thread(target=wait)
    waiting.start()
    rate_beside, longest = run_until(lambda _: ended)
    waiting.join()
    return {
        "alone": alone,
        "staged": staged,
        "committed": ended[0],
        "rateAlone": rate_alone,
        "rateBeside": rate_beside,
        "longestPause": max(staged, longest),
    }


serve({"buildLoop": build, "saveBeside": save_beside})
