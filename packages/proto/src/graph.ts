/**
 * Encodes and decodes the messages of graphs: nodes, functions, attributes, tensors, operation definitions, variables.
 *
 * @packageDocumentation
 */

export type { MessageCodec } from "@tfsaver/checkpoint-proto/wire";
export { AttrValue, AttrValue_ListValue, NameAttrList } from "./generated/attr-value.js";
export {
  FunctionDef,
  FunctionDef_ArgAttrs,
  FunctionDefLibrary,
  GradientDef,
  RegisteredGradient,
} from "./generated/function.js";
export { GraphDef, NodeDef, NodeDef_ExperimentalDebugInfo } from "./generated/graph.js";
export { OpDef, OpDef_ArgDef, OpDef_AttrDef, OpDeprecation, OpList } from "./generated/op-def.js";
export { TensorProto } from "./generated/tensor.js";
export { TensorShapeProto, TensorShapeProto_Dim } from "./generated/tensor-shape.js";
export { DataType } from "./generated/types.js";
export { SaveSliceInfoDef, VariableAggregation, VariableDef, VariableSynchronization } from "./generated/variable.js";
export { VersionDef } from "./generated/versions.js";
