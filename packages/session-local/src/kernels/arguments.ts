import { formatShape, InvalidArgumentError, numElements, type Shape, type Tensor, tensorStrings } from "@tfsaver/core";
import type { KernelCall } from "../kernel.js";
import type { ResourceKey } from "../resources/local-resource.js";

/** What the resource of an operation is known by: without a shared name, by the operation's. */
export function resourceKeyOf({ op, attributes }: KernelCall): ResourceKey {
  const text = (name: string) => (attributes.has(name) ? attributes.string(name) : "");
  return { container: text("container"), name: text("shared_name") || op.name };
}

const utf8 = new TextDecoder();

/** The text of a string tensor of one element. */
export function textOf(tensor: Tensor, what: string): string {
  const strings = tensorStrings(tensor);
  if (strings.length !== 1) {
    throw new InvalidArgumentError(`Input ${what} should have a single element, got ${strings.length} instead.`);
  }
  return utf8.decode(strings[0]);
}

/** A saver's constants of thousands of names are asked for in every save. */
const knownTexts = new WeakMap<Tensor, readonly string[]>();

/** The texts of a string tensor. */
export function textsOf(tensor: Tensor): readonly string[] {
  const texts = knownTexts.get(tensor) ?? tensorStrings(tensor).map((bytes) => utf8.decode(bytes));
  knownTexts.set(tensor, texts);
  return texts;
}

/** The integers of an int32 or int64 tensor, as numbers. */
export function integersOf(tensor: Tensor, what: string): number[] {
  const { dtype, data } = tensor;
  if (dtype !== "int32" && dtype !== "int64") {
    throw new InvalidArgumentError(`${what} must be int32 or int64, not ${dtype}`);
  }
  return Array.from(data as ArrayLike<number | bigint>, Number);
}

/** The one integer of an int32 or int64 scalar. */
export function integerOf(tensor: Tensor, what: string): number {
  if (tensor.shape.length > 0) {
    throw new InvalidArgumentError(`${what} must be a scalar, got shape ${formatShape(tensor.shape)}`);
  }
  return integersOf(tensor, what)[0] as number;
}

/** The shape that a vector of integers spells out. */
export function shapeOf(tensor: Tensor, what: string): Shape {
  const shape = integersOf(tensor, what);
  const negative = shape.find((dim) => dim < 0);
  if (negative !== undefined) throw new InvalidArgumentError(`Dimension ${negative} must be >= 0`);
  numElements(shape);
  return shape;
}
