"""Writes python-messages.jsonl: messages as Python's protobuf serializes them deterministically.

One line per message: [name of the type, what it is, hexadecimal bytes].
Run with TensorFlow 2.21 as: python python-messages.py > python-messages.jsonl
"""
import json
import random

from tensorflow.core.framework import (
    attr_value_pb2, device_attributes_pb2, function_pb2, graph_debug_info_pb2, graph_pb2, node_def_pb2, op_def_pb2,
    tensor_pb2, variable_pb2)
from tensorflow.core.protobuf import (
    config_pb2, control_flow_pb2, meta_graph_pb2, named_tensor_pb2, queue_runner_pb2, saver_pb2, tensor_bundle_pb2)
from tensorflow.python.training import checkpoint_state_pb2

random.seed(5)
LOW, HIGH = -2**63, 2**63 - 1


def write(message, what):
    print(json.dumps([type(message).__name__, what, message.SerializeToString(deterministic=True).hex()]))


def keyed(keys):
    node = node_def_pb2.NodeDef(name="n")
    for key in keys:
        node.attr[key].i = len(key)
    return node


write(keyed(["a", "ab", "abc", "b", ""]), "keys that others start with")
write(keyed(["__proto__", "constructor", "toString", "hasOwnProperty", "__proto__x"]), "keys of Object.prototype")
write(keyed(["10", "9", "1", "01", "-1"]), "keys like integers")
write(keyed(["é", "e", "漢", "\uffff", "\U00010000", "\U0001F389", "\U0001F389\U0001F389", "\ue000", "\x00", "\x7f"]),
      "keys beyond ASCII")
for i in range(40):
    alphabet = "ab_\uffff\U00010000\U0001F389é"
    keys = {"".join(random.choices(alphabet, k=random.randint(0, 4))) for _ in range(random.randint(2, 12))}
    write(keyed(keys), f"random keys {i}")

for name, value in [("i", LOW), ("i", HIGH), ("i", 0), ("i", -1), ("i", 2**53 + 1), ("f", 0.0), ("f", float("nan")),
                    ("f", -0.0), ("b", False), ("b", True), ("s", b""), ("s", b"\xff\x00"), ("type", 0), ("type", 119),
                    ("placeholder", ""), ("placeholder", "x")]:
    write(attr_value_pb2.AttrValue(**{name: value}), f"{name} = {value!r}")
for name in ["list", "shape", "tensor", "func"]:
    attr = attr_value_pb2.AttrValue()
    getattr(attr, name).SetInParent()
    write(attr, f"{name}, empty")
write(attr_value_pb2.AttrValue(), "nothing")
attr = attr_value_pb2.AttrValue()
attr.list.s.extend([b"", b"\x00"])
attr.list.i.extend([LOW, 0, HIGH])
attr.list.f.extend([0.0, 1.5, float("inf")])
attr.list.b.extend([False, True])
attr.list.type.extend([1, 0, 107])
attr.list.shape.add().unknown_rank = True
attr.list.shape.add().dim.add().size = -1
attr.list.tensor.add().dtype = 3
attr.list.func.add().attr["k"].b = True
write(attr, "list of everything")

tensor = tensor_pb2.TensorProto(dtype=1, version_number=2, tensor_content=b"\x01\x02")
tensor.tensor_shape.dim.add(size=2**53 - 1, name="rows")
tensor.tensor_shape.dim.add(size=0)
for name, values in [("float_val", [1.5]), ("double_val", [1e300]), ("int_val", [-1, 2**31 - 1]), ("string_val", [b""]),
                     ("scomplex_val", [1, 2]), ("int64_val", [LOW, HIGH]), ("bool_val", [True, False]),
                     ("dcomplex_val", [3]), ("half_val", [15360]), ("uint32_val", [2**32 - 1]), ("uint64_val", [2**64 - 1])]:
    getattr(tensor, name).extend(values)
tensor.float8_val = b"\x7f"
tensor.resource_handle_val.add(device="d", name="r")
tensor.variant_val.add(type_name="v")
write(tensor, "every field")

entry = tensor_bundle_pb2.BundleEntryProto(dtype=7, shard_id=3, offset=2**40, size=HIGH, crc32c=0xFFFFFFFF)
entry.shape.dim.add(size=2)
entry.slices.add().extent.add(start=1, length=2)
entry.slices.add().extent.add()
write(entry, "every field, a size beyond 2^53")
entry.size = 2**53 - 1
write(entry, "every field")
write(tensor_bundle_pb2.BundleEntryProto(), "nothing")
header = tensor_bundle_pb2.BundleHeaderProto(num_shards=5, endianness=1)
header.version.producer = 1
write(header, "every field")
write(saver_pb2.SaverDef(filename_tensor_name="f:0", save_tensor_name="s:0", restore_op_name="r", max_to_keep=-1,
                         sharded=True, keep_checkpoint_every_n_hours=0.7 / 3600, version=2), "every field")
write(checkpoint_state_pb2.CheckpointState(
    model_checkpoint_path="é", all_model_checkpoint_paths=["", "a"], all_model_checkpoint_timestamps=[0, -0.0, 1e300],
    last_preserved_timestamp=-0.0), "every field")
variable = variable_pb2.VariableDef(variable_name="v:0", initial_value_name="i", initializer_name="a", snapshot_name="r",
                                    is_resource=True, trainable=True, synchronization=2, aggregation=1)
variable.save_slice_info_def.full_name = "f"
variable.save_slice_info_def.full_shape.extend([2**53 - 1, -1])
variable.save_slice_info_def.var_offset.extend([0, 0])
variable.save_slice_info_def.var_shape.extend([1, 2])
write(variable, "every field")
graph = graph_pb2.GraphDef()
graph.node.add(name="n", op="o", input=["a", "b:1", "^c"], device="/cpu:0")
graph.node[0].experimental_debug_info.original_node_names.append("x")
graph.versions.producer = 27
graph.versions.bad_consumers.extend([1, 2])
graph.library.function.add().signature.name = "fn"
write(graph, "node with debug info and a function library")
function = function_pb2.FunctionDef()
function.signature.name = "fn"
function.signature.output_arg.add(name="y").experimental_full_type.SetInParent()
function.node_def.add(name="n", op="o").attr["T"].type = 1
function.ret["y"] = "n:y:0"
function.control_ret["c"] = "n"
function.attr["_noinline"].b = True
for key in [3, 0, 2**32 - 1, 256, 70000]:
    function.arg_attr[key].attr["k"].i = key
    function.resource_arg_unique_id[key] = key // 2
write(function, "every field")
library = function_pb2.FunctionDefLibrary(function=[function])
library.gradient.add(function_name="f", gradient_func="g")
library.registered_gradients.add(gradient_func="g", registered_op_type="O")
write(library, "every field")
debug_info = graph_debug_info_pb2.GraphDebugInfo(files=["a.py", ""])
for key in [2**63 + 5, 3, 1, 256, 2**40, 0, 2**32, 2**64 - 1]:
    frame = debug_info.frames_by_id[key]
    frame.file_index, frame.line, frame.col, frame.func, frame.code = 0, key % 1000, -1, "", "x = 1"
    debug_info.traces_by_id[key].frame_id.extend([key, 0])
    debug_info.name_to_trace_id[f"n{key}@"] = key
debug_info.frames_by_id[7].SetInParent()
debug_info.traces["old@"].file_line_cols.add(line=0)
write(debug_info, "every field")
write(queue_runner_pb2.QueueRunnerDef(
    queue_name="q", enqueue_op_name=["a", "b"], close_op_name="c", cancel_op_name="d",
    queue_closed_exception_types=[11, 1]), "every field")
values = {"values": ["a:0"], "external_values": {"b:0": "c:0", "": ""}}
cond = control_flow_pb2.CondContextDef(context_name="c", pred_name="p", pivot_name="v", branch=1, values_def=values)
loop = control_flow_pb2.WhileContextDef(
    context_name="w", parallel_iterations=10, back_prop=True, swap_memory=True, pivot_name="p", pivot_for_pred_name="q",
    pivot_for_body_name="r", loop_exit_names=["e"], values_def=values, loop_enter_names=["n"],
    maximum_iterations_name="m", nested_contexts=[{"cond_ctxt": cond}])
write(loop, "every field")
cond.nested_contexts.add().while_ctxt.CopyFrom(loop)
cond.nested_contexts.add()
write(cond, "every field")
meta = meta_graph_pb2.MetaGraphDef()
meta.meta_info_def.tags.append("serve")
meta.meta_info_def.stripped_op_list.op.add(name="Op", is_stateful=True).attr.add(name="T", type="type", has_minimum=True)
meta.meta_info_def.function_aliases["b"] = "1"
meta.meta_info_def.function_aliases["a"] = ""
meta.collection_def["k"].int64_list.value.extend([LOW, HIGH])
meta.collection_def["empty"].SetInParent()
meta.collection_def["bytes"].bytes_list.value.append(b"\xff")
meta.collection_def["any"].any_list.value.add(type_url="t", value=b"v")
meta.collection_def["__proto__"].node_list.value.append("n")
meta.collection_def["f"].float_list.value.append(0.5)
meta.signature_def["s"].method_name = "m"
meta.asset_file_def.add().filename = "a"
meta.object_graph_def.nodes.add()
write(meta, "every field")
config = config_pb2.ConfigProto(
    intra_op_parallelism_threads=1, inter_op_parallelism_threads=2, device_filters=["/job:ps", ""],
    allow_soft_placement=True, log_device_placement=True, operation_timeout_in_ms=2**40, isolate_session_state=True)
write(config, "every field that is known")
device = device_attributes_pb2.DeviceAttributes(
    name="/job:a/device:CPU:0", device_type="CPU", memory_limit=2**40, incarnation=2**64 - 1, physical_device_desc="d",
    xla_global_id=-1)
device.locality.numa_node = 1
write(device, "every field")
write(named_tensor_pb2.NamedTensorProto(name="a:0", tensor=tensor), "every field")
