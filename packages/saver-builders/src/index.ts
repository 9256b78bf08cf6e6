/**
 * From variables to the save and restore operations of a saver.
 *
 * @packageDocumentation
 */
export { BaseSaverBuilder } from "./base-saver-builder.js";
export type { BuildOptions, CompleteBuildOptions, RestoreOpsOptions, Shard } from "./build-options.js";
export { BulkSaverBuilder } from "./bulk-saver-builder.js";
export { HostSaveable, type HostSpec, HostVariable, type HostVariableOptions } from "./host-saveable.js";
export { MutableHashTable, type MutableHashTableOptions } from "./mutable-hash-table.js";
export { type NamedTensors, restoreV2, saveV2 } from "./op-wrappers.js";
export { PlaceholderSaveable } from "./placeholder-saveable.js";
export { RenamedSaveable } from "./renamed-saveable.js";
export { SaveableObject, type SaveSpec, specOf, tensorOf } from "./saveable-object.js";
export { type SaveableFactory, type Trackable, VARIABLE_VALUE } from "./trackable.js";
export { type NamedSaveable, type NestedSaveables, type Saveable, saveablesOf, type VarList } from "./var-list.js";
export { ReferenceVariableSaveable, ResourceVariableSaveable } from "./variable-saveables.js";
