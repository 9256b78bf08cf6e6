/**
 * TensorFlow graphs as objects, and what it means to run one.
 *
 * @packageDocumentation
 */

export { type ImportedGraphDef, type ImportGraphDefOptions, importGraphDef } from "./import/import-graph-def.js";
export type { InputMap } from "./import/mapped-inputs.js";
export { Attributes, attr, shapeFromProto, shapeToProto } from "./model/attributes.js";
export { getDefaultGraph, resetDefaultGraph, withDefaultGraph } from "./model/default-graph.js";
export { canonicalDevice, type DeviceSpec, formatDevice, mergeDevices, parseDevice } from "./model/device-names.js";
export { Graph, type OperationInit, type PreservedGraphFields } from "./model/graph.js";
export { GraphKeys } from "./model/graph-keys.js";
export { opNameOf, prependNameScope, scopeOf, scopesOf, stripNameScope } from "./model/names.js";
export { Operation, Output, type PreservedNodeFields } from "./model/operation.js";
export { type ReplicaDeviceSetterOptions, replicaDeviceSetter } from "./model/replica-device-setter.js";
export type { DeviceScope } from "./model/scopes.js";
export { tensorFromProto, tensorToProto } from "./model/tensor-proto.js";
export { builtInOpDef } from "./ops/op-signature.js";
export {
  cast,
  constant,
  group,
  identity,
  type OpOptions,
  placeholder,
  placeholderWithDefault,
  withDependencies,
} from "./ops/values.js";
export { resolveFeeds } from "./resolve-feeds.js";
export { resolveFetch } from "./resolve-fetch.js";
export { type Feeds, type Fetch, type Fetched, isSession, type RunOptions, type Session } from "./session.js";
export { PartitionedVariable, type PartitionedVariableOptions } from "./variables/partitioned-variable.js";
export { Variable, type VariableOptions } from "./variables/variable.js";
