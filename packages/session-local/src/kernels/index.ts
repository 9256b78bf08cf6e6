import type { Kernel } from "../kernel.js";
import { arithmeticKernels } from "./arithmetic.js";
import { castKernels } from "./cast.js";
import { constantKernels } from "./constants.js";
import { joinKernels } from "./join.js";
import { mergeKernels } from "./merge.js";
import { randomKernels } from "./random.js";
import { rangeKernels } from "./range.js";
import { restoreKernels } from "./restore.js";
import { saveKernels } from "./save.js";
import { selectKernels } from "./select.js";
import { shapeKernels } from "./shapes.js";
import { sliceKernels } from "./slice.js";
import { stringKernels } from "./strings.js";
import { tableKernels } from "./tables.js";
import { variableKernels } from "./variables.js";

const groups = [
  constantKernels,
  variableKernels,
  tableKernels,
  saveKernels,
  restoreKernels,
  mergeKernels,
  stringKernels,
  shapeKernels,
  joinKernels,
  sliceKernels,
  selectKernels,
  rangeKernels,
  castKernels,
  arithmeticKernels,
  randomKernels,
];

/** The kernels that every session has, by operation type. */
export const builtInKernels: ReadonlyMap<string, Kernel> = new Map(groups.flatMap((group) => Object.entries(group)));
