/**
 * Messages of graphs: nodes, attributes, tensors, operation definitions, variables.
 *
 * @packageDocumentation
 */
export type { MessageCodec } from "./codec.js";
export {
  AttrValue,
  AttrValue_ListValue,
  DataType,
  GraphDef,
  NameAttrList,
  NodeDef,
  OpDef,
  OpDef_ArgDef,
  OpDef_AttrDef,
  OpDeprecation,
  OpList,
  SaveSliceInfoDef,
  TensorProto,
  TensorShapeProto,
  TensorShapeProto_Dim,
  VariableDef,
  VersionDef,
} from "./generated/meta-graph.js";
