"""Writes tensorflow-imports.jsonl: for which graphs TensorFlow 2.21 makes a saver when it imports a meta graph that has
neither saver nor variables, and a meta graph that programs here can't make.

Each case is the scope around the import, if any, the import scope, and the variable that the graph has already, if any;
`saver` is the tensor of the saver that was made. The last line is the meta graph, in base64.
Run as: python tensorflow-imports.py > tensorflow-imports.jsonl
"""
import base64
import json

import tensorflow as tf

v1 = tf.compat.v1
v1.disable_eager_execution()

CASES = [
    {},
    {"variable": "v"},
    {"import_scope": "im"},
    {"import_scope": "im", "variable": "v"},
    {"import_scope": "im", "variable": "im/v"},
    {"import_scope": "im", "variable": "image/v"},
    {"import_scope": "im", "variable": "v", "scoped": "im"},
    {"around": "outer", "variable": "v"},
    {"around": "outer", "variable": "outer/v"},
    {"around": "outer", "import_scope": "im", "variable": "im/v"},
    {"around": "outer", "import_scope": "im", "variable": "outer/im/v"},
]


def constants():
    with tf.Graph().as_default():
        tf.constant(1.0, name="c")
        return v1.train.export_meta_graph()


meta = constants()
for case in CASES:
    with tf.Graph().as_default() as graph:
        if "variable" in case:
            with v1.name_scope(case.get("scoped")):
                v1.Variable(1.0, name=case["variable"], use_resource=False)
        with v1.name_scope(case.get("around")):
            saver = v1.train.import_meta_graph(meta, import_scope=case.get("import_scope"))
        constant = next(op.name for op in graph.get_operations() if op.name.split("/")[-1] == "c")
    print(json.dumps({**case, "constant": constant, "saver": saver and saver.as_saver_def().save_tensor_name}))

with tf.Graph().as_default():
    with v1.device("/job:ps/task:1"):
        with v1.variable_scope("", caching_device="/job:worker"):
            v1.get_variable("v", initializer=tf.constant([1.0, 2.0]), use_resource=True)
    cached = v1.train.Saver().export_meta_graph()
print(json.dumps({"meta_graph": base64.b64encode(cached.SerializeToString(deterministic=True)).decode()}))
