import { CheckpointError, type ErrorContext, InvalidArgumentError } from "../errors.js";
import { isNumeric } from "./dtype.js";
import { packedStringsOf } from "./packed-strings.js";
import { requireRank } from "./shape.js";
import { kindOf, requireData, type Tensor } from "./tensor.js";

/**
 * Checks a tensor that comes from outside, before it is kept or written: a known dtype; dimensions that are integers from 0
 * on, at most 254 of them, with a product up to 2⁵³ − 1; data in the array of the dtype, with as many values as the shape
 * has; strings that are bytes.
 *
 * @param what - what the value is, for the message: `Variable weights`
 * @throws {@link InvalidArgumentError} that says what was expected and what came.
 * @example
 * ```ts
 * import { requireTensor } from "@tfsaver/core";
 *
 * const lie = { dtype: "float32", shape: [2, 2], data: new Float32Array(3) };
 * requireTensor(lie, "Variable w"); // Variable w: Dtype float32 with shape [2,2] takes 4 values, not 3
 * ```
 */
export function requireTensor(value: unknown, what: string, context: ErrorContext = {}): asserts value is Tensor {
  try {
    requireValid(value);
  } catch (cause) {
    if (!(cause instanceof CheckpointError)) throw cause;
    throw new InvalidArgumentError(`${what}: ${cause.message}`, { ...context, cause });
  }
}

function requireValid(value: unknown): void {
  if (typeof value !== "object" || value === null) {
    throw new InvalidArgumentError(`Expected a tensor but got ${kindOf(value)}`);
  }
  const { dtype, shape } = value as Tensor;
  if (!Array.isArray(shape)) throw new InvalidArgumentError(`A shape is an array of integers, not ${kindOf(shape)}`);
  requireRank(shape);
  const hasNumbers = isNumeric(dtype);
  // Packed strings were checked when they were packed, and asking for their data would unpack them.
  if (packedStringsOf(value as Tensor) !== undefined) return;
  const { data } = value as Tensor;
  requireData(dtype, shape, data);
  if (!hasNumbers) requireStrings(data as readonly unknown[]);
}

function requireStrings(strings: readonly unknown[]): void {
  for (let i = 0; i < strings.length; i++) {
    if (strings[i] instanceof Uint8Array) continue;
    throw new InvalidArgumentError(`Element ${i} of strings must be a Uint8Array, not ${kindOf(strings[i])}`);
  }
}
