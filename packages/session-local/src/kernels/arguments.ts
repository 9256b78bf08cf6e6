import {
  contentSize,
  formatShape,
  InvalidArgumentError,
  MAX_RANK,
  numElements,
  packedStringsOf,
  type Shape,
  type Tensor,
  tensorStrings,
} from "@tfsaver/core";
import type { KernelCall } from "../kernel.js";
import type { ResourceKey } from "../resources/local-resource.js";
import { costOf, costOfText } from "../run/memory/tensor-size.js";

/** Returns the key of an operation's resource. Without a shared name, the operation's own name is used. */
export function resourceKeyOf({ op, attributes }: KernelCall): ResourceKey {
  const text = (name: string) => (attributes.has(name) ? attributes.string(name) : "");
  return { container: text("container"), name: text("shared_name") || op.name };
}

const utf8 = new TextDecoder();

/** Returns the strings of a tensor. Reserves the memory of those that are still packed. */
export function stringsOf(call: KernelCall, tensor: Tensor): readonly Uint8Array[] {
  if (packedStringsOf(tensor) !== undefined) call.reserve(costOf("string", tensor.shape));
  return tensorStrings(tensor);
}

/** Returns the text of a string tensor with one element. */
export function textOf(tensor: Tensor, what: string): string {
  const count = numElements(tensor.shape);
  if (count !== 1) {
    throw new InvalidArgumentError(`Input ${what} should have a single element, got ${count} instead.`);
  }
  return utf8.decode(tensorStrings(tensor)[0]);
}

/** Decoded texts by tensor. A saver's constants, which can have thousands of names, are read in every save. */
const knownTexts = new WeakMap<Tensor, readonly string[]>();

/** Returns the texts of a string tensor. Reserves their memory. */
export function textsOf(call: KernelCall, tensor: Tensor): readonly string[] {
  const known = knownTexts.get(tensor);
  if (known !== undefined) return known;
  call.reserve(costOf("string", tensor.shape));
  call.reserve(costOfText(contentSize(tensor)));
  const texts = tensorStrings(tensor).map((bytes) => utf8.decode(bytes));
  knownTexts.set(tensor, texts);
  return texts;
}

/** Returns the integers of an int32 or int64 tensor that describes a shape, as numbers. */
export function integersOf(tensor: Tensor, what: string): number[] {
  const { dtype, data } = tensor;
  if (dtype !== "int32" && dtype !== "int64") {
    throw new InvalidArgumentError(`${what} must be int32 or int64, not ${dtype}`);
  }
  if (data.length > MAX_RANK) {
    throw new InvalidArgumentError(
      `${what} has ${data.length} elements, but a shape has at most ${MAX_RANK} dimensions`,
    );
  }
  return Array.from(data as ArrayLike<number | bigint>, Number);
}

/** Returns the integer of an int32 or int64 scalar. */
export function integerOf(tensor: Tensor, what: string): number {
  if (tensor.shape.length > 0) {
    throw new InvalidArgumentError(`${what} must be a scalar, got shape ${formatShape(tensor.shape)}`);
  }
  return integersOf(tensor, what)[0] as number;
}

/** Reads a vector of integers as a shape. */
export function shapeOf(tensor: Tensor, what: string): Shape {
  const shape = integersOf(tensor, what);
  const negative = shape.find((dim) => dim < 0);
  if (negative !== undefined) throw new InvalidArgumentError(`Dimension ${negative} must be >= 0`);
  numElements(shape);
  return shape;
}
