/**
 * Builds the save and restore operations of a saver from variables.
 *
 * @packageDocumentation
 */
export { BaseSaverBuilder } from "./builders/base-saver-builder.js";
export type { BuildOptions, CompleteBuildOptions, RestoreOpsOptions, Shard } from "./builders/build-options.js";
export { BulkSaverBuilder } from "./builders/bulk-saver-builder.js";
export { type NamedTensors, restoreV2, saveV2 } from "./builders/save-restore-ops.js";
export {
  HostSaveable,
  type HostSpec,
  HostVariable,
  type HostVariableOptions,
} from "./saveables/host-saveable.js";
export { MutableHashTable, type MutableHashTableOptions } from "./saveables/mutable-hash-table.js";
export { PlaceholderSaveable, readValue } from "./saveables/placeholder-saveable.js";
export { RenamedSaveable } from "./saveables/renamed-saveable.js";
export { SaveableObject, type SaveSpec, specOf, tensorOf } from "./saveables/saveable-object.js";
export { ReferenceVariableSaveable, ResourceVariableSaveable } from "./saveables/variable-saveables.js";
export { compareCodePoints } from "./var-list/compare-code-points.js";
export { saveablesOf } from "./var-list/saveables-of.js";
export { variableSaveable } from "./var-list/saveables-of-name.js";
export { isTrackable } from "./var-list/trackable.js";
export {
  type NamedSaveable,
  type NestedSaveables,
  type Saveable,
  type SaveableFactory,
  SERIALIZED_TENSORS,
  type SlotValue,
  type Trackable,
  VARIABLE_VALUE,
  type VarList,
} from "./var-list/var-list.js";
