"""Prints one function as two processes serialize it, a line each: python tensorflow-functions.py > tensorflow-functions.jsonl"""

import base64
import json
import subprocess
import sys


def function():
    import tensorflow as tf

    @tf.function(input_signature=[tf.TensorSpec([2])] * 2)
    def add(x, y):
        with tf.control_dependencies([tf.debugging.assert_equal(x, x), tf.debugging.assert_equal(y, y)]):
            return {"sum": x + y, "product": x * y}

    return add.get_concrete_function().function_def.SerializeToString()


if len(sys.argv) > 1:
    print(base64.b64encode(function()).decode())
else:
    found = set()
    while len(found) < 2:
        found.add(subprocess.run([sys.executable, __file__, "once"], capture_output=True, text=True).stdout.strip())
    for text in sorted(found):
        print(json.dumps({"function": text}))
