"""Writes the meta graph of a small regression whose variables are distributed among parameter servers.

Arguments: the cluster as JSON, and the file to write. The graph has `init`, `train`, `loss:0` and `global_step:0`.
"""

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
v1.disable_eager_execution()

cluster, path = json.loads(sys.argv[1]), sys.argv[2]
rng = np.random.default_rng(7)
inputs = rng.normal(size=(64, 8)).astype(np.float32)
wanted = (inputs @ rng.normal(size=(8, 1)) + 0.5).astype(np.float32)

with v1.device(v1.train.replica_device_setter(cluster=cluster)):
    weights = v1.get_variable("weights", initializer=tf.zeros([8, 1]))
    bias = v1.get_variable("bias", initializer=tf.zeros([1]))
    step = v1.train.get_or_create_global_step()
    loss = tf.reduce_mean(tf.square(tf.matmul(inputs, weights) + bias - wanted), name="loss")
    v1.train.GradientDescentOptimizer(0.02).minimize(loss, step, name="train")
    tf.group(v1.global_variables_initializer(), name="init")
    saver = v1.train.Saver(sharded=True, max_to_keep=3)
v1.train.export_meta_graph(path, saver_def=saver.as_saver_def())
