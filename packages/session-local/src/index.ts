/**
 * Runs the part of a TensorFlow graph that its variables need, in memory: initialisers, assignments, checkpoints.
 *
 * @packageDocumentation
 */
export type { Kernel, KernelCall, KernelResult, KernelValue } from "./kernel.js";
export { LocalSession, type LocalSessionOptions } from "./local-session.js";
export { LocalVariable, type VariableKey } from "./local-variable.js";
