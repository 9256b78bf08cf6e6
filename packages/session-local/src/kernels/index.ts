import type { Kernel } from "../kernel.js";
import { constantKernels } from "./constants.js";
import { restoreKernels } from "./restore.js";
import { saveKernels } from "./save.js";
import { variableKernels } from "./variables.js";

/** The kernels that every session has, by operation type. */
export const builtInKernels: ReadonlyMap<string, Kernel> = new Map(
  [constantKernels, variableKernels, saveKernels, restoreKernels].flatMap((kernels) => Object.entries(kernels)),
);
