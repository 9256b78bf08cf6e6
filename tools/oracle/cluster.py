"""Runs tasks of a TensorFlow cluster in one process until standard input ends.

Arguments: the cluster as JSON, such as {"worker": ["127.0.0.1:2222"], "ps": ["127.0.0.1:2223", "127.0.0.1:2224"]}, and
the tasks to run here, such as worker:0 ps:0. Prints the targets of these tasks as one line of JSON once they run.
"""

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import tensorflow as tf

try:
    # Where it is installed, servers read and write s3:// by themselves.
    import tensorflow_io
except ImportError:
    pass

cluster = json.loads(sys.argv[1])
tasks = [task.split(":") for task in sys.argv[2:]]
servers = [tf.distribute.Server(cluster, job_name=job, task_index=int(index)) for job, index in tasks]
print(json.dumps([server.target.decode() if isinstance(server.target, bytes) else server.target for server in servers]),
      flush=True)
sys.stdin.buffer.read()
# TensorFlow's servers cannot be stopped, so a normal exit would wait for them forever.
os._exit(0)
