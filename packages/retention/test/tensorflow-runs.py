"""Writes tensorflow-runs.txt: what TensorFlow's own Saver decides in random runs with a mocked clock.

Run with TensorFlow 2.21 as: python tensorflow-runs.py > tensorflow-runs.txt
"""
import random
from unittest import mock

import tensorflow as tf
from tensorflow.python.training import saver as saver_module

SAVERS = [(2, 1.0), (3, 0.5), (1, 0.1), (0, 1.0), (None, 1.0), (-1, 0.001), (-1, 100.0),
          (2, None), (2, 0.0), (2, -1.0), (3, 0.7 / 3600), (2, 10000.0)]
START = 1000.0

tf.compat.v1.disable_eager_execution()
random.seed(3)


def run(max_to_keep, hours):
    now = [START]
    removed = []
    management = saver_module.checkpoint_management
    remove = lambda path, version=None, meta_graph_suffix=None: removed.append(path)
    with mock.patch("time.time", lambda: now[0]), mock.patch.object(management, "remove_checkpoint", remove):
        with tf.Graph().as_default():
            tf.compat.v1.get_variable("v", [1])
            saver = tf.compat.v1.train.Saver(max_to_keep=max_to_keep, keep_checkpoint_every_n_hours=hours)
        rounded = saver.saver_def.keep_checkpoint_every_n_hours
        print("saver", "null" if max_to_keep is None else max_to_keep, repr(rounded), sep="|")
        count = 0
        for i in range(30):
            now[0] += random.choice([0, 1, 100, 1800, 3601, 0.25, 1.5])
            if i in (9, 19) and max_to_keep == 3:
                entries = [(f"x{k}", float("inf") if i == 9 else START + k * 1000) for k in range(5)]
                saver.set_last_checkpoints_with_time(list(entries))
                print("set", " ".join(f"{path}={'Infinity' if i == 9 else time}" for path, time in entries), sep="|")
                continue
            if random.random() < 0.15 and saver.last_checkpoints:
                path = random.choice(saver.last_checkpoints)
            else:
                count += 1
                path = f"k{count}"
            removed.clear()
            saver._RecordLastCheckpoint(path)
            listed = saver.last_checkpoints
            saver._MaybeDeleteOldCheckpoints("meta")
            print("save", path, now[0], " ".join(listed), " ".join(removed), repr(saver._next_checkpoint_time), sep="|")


for max_to_keep, hours in SAVERS:
    run(max_to_keep, hours)
