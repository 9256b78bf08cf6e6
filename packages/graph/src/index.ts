/**
 * TensorFlow graphs as objects, and the contract of the sessions that run them.
 *
 * @packageDocumentation
 */
export { type ImportedGraphDef, type ImportGraphDefOptions, importGraphDef } from "./import/import-graph-def.js";
export type { InputMap } from "./import/mapped-inputs.js";
export { Attributes, attr } from "./model/attributes.js";
export { getDefaultGraph, resetDefaultGraph, resolveGraph, withDefaultGraph } from "./model/default-graph.js";
export {
  canonicalDevice,
  type DeviceSpec,
  formatDevice,
  mergeDevices,
  parseDevice,
} from "./model/devices/device-names.js";
export { type ReplicaDeviceSetterOptions, replicaDeviceSetter } from "./model/devices/replica-device-setter.js";
export {
  type DeclaredOutput,
  type DeviceScope,
  Graph,
  type GraphScopes,
  Operation,
  type OperationInit,
  Output,
  type PreservedGraphFields,
  type PreservedNodeFields,
} from "./model/graph.js";
export { GraphKeys } from "./model/graph-keys.js";
export { opNameOf, prependNameScope, scopeOf, scopesOf, stripNameScope } from "./model/name-scopes.js";
export { shapeFromProto, shapeToProto } from "./model/shape-proto.js";
export { tensorFromProto, tensorToProto } from "./model/tensor-proto.js";
export { builtInOpDef } from "./ops/built-in-op-defs.js";
export { group, withDependencies } from "./ops/control.js";
export { cast, constant, identity, type OpOptions, placeholder, placeholderWithDefault } from "./ops/values.js";
export { resolveFeeds } from "./resolve-feeds.js";
export { resolveFetch } from "./resolve-fetch.js";
export {
  type Feeds,
  type Fetch,
  type Fetched,
  isSession,
  type RunOptions,
  type Session,
  type SessionSnapshot,
} from "./session.js";
export { assign, assignAdd, assignSub } from "./variables/assign.js";
export type { AssignOptions, UpdateOptions } from "./variables/assign-nodes.js";
export {
  type PartitionedValue,
  PartitionedVariable,
  type PartitionedVariableOptions,
} from "./variables/partitioned-variable.js";
export { Variable, type VariableSession, type VariableValue } from "./variables/variable.js";
export type { VariableOptions } from "./variables/variable-options.js";
