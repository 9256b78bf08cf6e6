"""Imports, exports and compares meta graph files with TensorFlow."""

import base64
import difflib

import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.protobuf import control_flow_pb2
from tensorflow.python.framework import meta_graph

v1 = tf.compat.v1

# Collections of messages with map fields, which TensorFlow writes in any order.
CONTEXTS = {"cond_context": control_flow_pb2.CondContextDef, "while_context": control_flow_pb2.WhileContextDef}


def read(path):
    return meta_graph.read_meta_graph_file(path)


def exported_again(path, scope=None):
    """Imports a meta graph, into a name scope if given, and exports it."""
    with v1.Graph().as_default() as graph:
        message = read(path)
        meta_graph.import_scoped_meta_graph(message, import_scope=scope)
        again, _ = meta_graph.export_scoped_meta_graph(graph_def=graph.as_graph_def(add_shapes=True))
    if message.HasField("saver_def") and scope is None:
        again.saver_def.CopyFrom(message.saver_def)
    return again


def compare_imports(ours, theirs):
    """Returns the differences between the imports of two files, as lines of text."""
    return differences(exported_again(ours), exported_again(theirs))


def compare_exports(ours, original, scope=None):
    """
    Compares a file that tfsaver imported and exported with TensorFlow's import and export of the original. Returns the
    differences as lines of text. Ignores operation definitions and default attributes, which depend on the exporter,
    and shapes and full types, which TensorFlow infers.
    """
    return differences(comparable(read(ours)), comparable(exported_again(original, scope)))


def comparable(message):
    meta_graph.strip_graph_default_valued_attrs(message)
    message.meta_info_def.Clear()
    nodes = [*message.graph_def.node, *(node for f in message.graph_def.library.function for node in f.node_def)]
    for node in nodes:
        node.attr.pop("_output_shapes", None)
        node.ClearField("experimental_type")
    message.graph_def.library.function.sort(key=lambda function: function.signature.name)
    for key, kind in CONTEXTS.items():
        if key in message.collection_def:
            values = message.collection_def[key].bytes_list.value
            values[:] = [kind.FromString(value).SerializeToString(deterministic=True) for value in values]
    return message


def differences(a, b):
    texts = [text_format.MessageToString(message).splitlines() for message in (a, b)]
    return [] if texts[0] == texts[1] else list(difflib.unified_diff(*texts, "ours", "theirs", n=4, lineterm=""))[:60]


def compare_texts(binary, text):
    """Returns the differences between a binary file and a text file, as lines of text."""
    return differences(read(binary), read(text))
