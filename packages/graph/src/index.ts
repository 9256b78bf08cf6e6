/**
 * TensorFlow graphs as objects, and what it means to run one.
 *
 * @packageDocumentation
 */
export { Attributes, attr, shapeFromProto, shapeToProto } from "./attributes.js";
export { GraphKeys } from "./collections.js";
export { getDefaultGraph, resetDefaultGraph, withDefaultGraph } from "./default-graph.js";
export { canonicalDevice, type DeviceSpec, formatDevice, mergeDevices, parseDevice } from "./device.js";
export { resolveFeeds } from "./feeds.js";
export { resolveFetch } from "./fetches.js";
export { Graph, type OperationInit, type PreservedGraphFields } from "./graph.js";
export { type ImportedGraphDef, type ImportGraphDefOptions, importGraphDef } from "./import-graph-def.js";
export type { InputMap } from "./mapped-inputs.js";
export { opNameOf, prependNameScope, scopeOf, scopesOf, stripNameScope } from "./names.js";
export { builtInOpDef } from "./op-registry.js";
export { Operation, Output, type PreservedNodeFields } from "./operation.js";
export {
  cast,
  constant,
  group,
  identity,
  type OpOptions,
  placeholder,
  placeholderWithDefault,
  withDependencies,
} from "./ops.js";
export { PartitionedVariable, type PartitionedVariableOptions } from "./partitioned-variable.js";
export { type ReplicaDeviceSetterOptions, replicaDeviceSetter } from "./replica-device-setter.js";
export type { DeviceScope } from "./scopes.js";
export { type Feeds, type Fetch, type Fetched, isSession, type RunOptions, type Session } from "./session.js";
export { tensorFromProto, tensorToProto } from "./tensor-proto.js";
export { Variable, type VariableOptions } from "./variable.js";
