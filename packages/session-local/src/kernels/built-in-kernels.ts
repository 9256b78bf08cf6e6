import type { Kernel } from "../kernel.js";
import { mergeKernels } from "./checkpoints/merge.js";
import { restoreKernels } from "./checkpoints/restore.js";
import { saveKernels } from "./checkpoints/save.js";
import { constantKernels } from "./constants.js";
import { arithmeticKernels } from "./math/arithmetic.js";
import { castKernels } from "./math/cast.js";
import { randomKernels } from "./math/random.js";
import { rangeKernels } from "./math/range.js";
import { patternKernels } from "./patterns.js";
import { stringKernels } from "./strings.js";
import { tableKernels } from "./tables.js";
import { joinKernels } from "./tensors/join.js";
import { selectKernels } from "./tensors/select.js";
import { shapeKernels } from "./tensors/shapes.js";
import { sliceKernels } from "./tensors/slice.js";
import { splitKernels } from "./tensors/split.js";
import { variableKernels } from "./variables.js";

const groups = [
  constantKernels,
  variableKernels,
  tableKernels,
  saveKernels,
  restoreKernels,
  mergeKernels,
  stringKernels,
  patternKernels,
  shapeKernels,
  joinKernels,
  sliceKernels,
  splitKernels,
  selectKernels,
  rangeKernels,
  castKernels,
  arithmeticKernels,
  randomKernels,
];

/**
 * Types of the built-in kernels that keep no value beyond the run, and return none but their inputs, as they are, or what they
 * allocated. In doubt, a type is not among them.
 */
export const passingTypes: ReadonlySet<string> = new Set([
  "Identity",
  "Variable",
  "VariableV2",
  "VarHandleOp",
  "IsVariableInitialized",
  "VarIsInitializedOp",
  "ReadVariableOp",
  "DisableCopyOnRead",
  "Assign",
  "AssignVariableOp",
  "SaveV2",
  "RestoreV2",
]);

/** The kernels of every session, by operation type. */
export const builtInKernels: ReadonlyMap<string, Kernel> = new Map(groups.flatMap((group) => Object.entries(group)));
