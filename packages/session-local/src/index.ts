/**
 * Runs the part of a TensorFlow graph that its variables need, in memory: initialization, assignment, checkpoints.
 *
 * @packageDocumentation
 */
export type { Kernel, KernelCall, KernelResult, KernelValue, PieceOfWork, ResourceClass } from "./kernel.js";
export { LocalSession, type LocalSessionOptions } from "./local-session.js";
export { LocalResource, type ResourceKey } from "./resources/local-resource.js";
export { LocalVariable, type VariableKey } from "./resources/local-variable.js";
export { type Cost, STRING_ELEMENTS } from "./run/cost.js";
export type { RunLimits } from "./run/memory/budget.js";
