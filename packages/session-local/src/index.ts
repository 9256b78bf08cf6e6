/**
 * Runs the part of a TensorFlow graph that its variables need, in memory: initialisers, assignments, checkpoints.
 *
 * @packageDocumentation
 */
export type { Kernel, KernelCall, KernelResult, KernelValue, ResourceClass } from "./kernel.js";
export { LocalResource, type ResourceKey } from "./local-resource.js";
export { LocalSession, type LocalSessionOptions } from "./local-session.js";
export { LocalVariable, type VariableKey } from "./local-variable.js";
