import { type DType, ValueError } from "@tfsaver/core";
import type { Operation, Output } from "@tfsaver/graph";

/** One tensor of a {@link SaveableObject} and its name in the checkpoint (`SaveSpec`). */
export interface SaveSpec {
  /** The tensor to save, or a function that adds it to the graph when the save operations are built. */
  readonly tensor: Output | (() => Output);
  /** The part of the full tensor that it is, as `shape_and_slice` text; `""` for the whole. */
  readonly sliceSpec: string;
  /** Name in the checkpoint. */
  readonly name: string;
  readonly dtype: DType;
  /** Device of the tensor, which decides its shard. */
  readonly device: string;
}

/**
 * Something that a saver can save: the tensors to write, and how to put restored values back. Extend it to save anything
 * that is not a variable.
 *
 * @example
 * ```ts
 * import { Graph, type Operation, type Output, Variable } from "@tfsaver/graph";
 * import { SaveableObject, specOf } from "@tfsaver/saver-builders";
 *
 * class Counter extends SaveableObject {
 *   readonly #variable: Variable;
 *
 *   constructor(variable: Variable) {
 *     super(variable, [specOf(variable.handle, "", "counter")], "counter");
 *     this.#variable = variable;
 *   }
 *
 *   override restore([value]: readonly Output[]): Operation {
 *     return this.#variable.assign(value as Output, { readValue: false });
 *   }
 * }
 *
 * const step = Variable.create(0, { graph: new Graph(), dtype: "int64" });
 * console.log(new Counter(step).specs.map(({ name }) => name)); // [ "counter" ]
 * ```
 */
export abstract class SaveableObject {
  /**
   * @param source - the saved object; two saveables with the same source can't be in one saver
   * @param specs - its tensors, in the order in which they are written
   * @param name - its name in lists and messages
   */
  constructor(
    readonly source: unknown,
    readonly specs: readonly SaveSpec[],
    readonly name: string,
  ) {}

  /** The device of the first tensor. */
  get device(): string {
    return this.specs[0]?.device ?? "";
  }

  /**
   * Adds the operations that put restored values in place.
   *
   * @param restoredTensors - one output per spec
   * @param restoredShapes - with the option `reshape`, the shape of each, as an int32 output or as known dimensions
   * @returns the operation that is done when the values are in place
   */
  abstract restore(
    restoredTensors: readonly Output[],
    restoredShapes: readonly (Output | readonly number[])[] | undefined,
  ): Operation;
}

/**
 * Makes the spec of a tensor that is in the graph. {@link SaveableObject} has an example.
 *
 * @throws `ValueError` if the dtype of the tensor is unknown.
 */
export function specOf(tensor: Output, sliceSpec: string, name: string): SaveSpec {
  if (tensor.dtype === undefined) {
    throw new ValueError(`${tensor.name} can't be saved because its dtype is unknown`, { tensor: name });
  }
  return { tensor, sliceSpec, name, dtype: tensor.dtype, device: tensor.device };
}

/** Returns the tensor of a spec, and adds it to the graph first if the spec holds a function. */
export function tensorOf({ tensor }: SaveSpec): Output {
  return typeof tensor === "function" ? tensor() : tensor;
}
