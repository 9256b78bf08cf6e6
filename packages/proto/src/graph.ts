/**
 * Encodes and decodes the messages of graphs: nodes, functions, attributes, tensors, operation definitions, variables.
 *
 * @packageDocumentation
 */

export {
  AttrValue,
  AttrValue_ListValue,
  DataType,
  FunctionDef,
  FunctionDef_ArgAttrs,
  FunctionDefLibrary,
  GradientDef,
  GraphDef,
  NameAttrList,
  NodeDef,
  NodeDef_ExperimentalDebugInfo,
  OpDef,
  OpDef_ArgDef,
  OpDef_AttrDef,
  OpDeprecation,
  OpList,
  RegisteredGradient,
  SaveSliceInfoDef,
  TensorProto,
  TensorShapeProto,
  TensorShapeProto_Dim,
  VariableAggregation,
  VariableDef,
  VariableSynchronization,
  VersionDef,
} from "./generated/meta-graph.js";
export type { MessageCodec } from "./wire/codec.js";
