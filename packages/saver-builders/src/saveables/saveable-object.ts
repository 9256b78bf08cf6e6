import { type DType, ValueError } from "@tfsaver/core";
import type { Operation, Output } from "@tfsaver/graph";

/** One tensor of a {@link SaveableObject}: what is written under which name (`SaveSpec`). */
export interface SaveSpec {
  /** What is saved; or what adds it to the graph, called where the save operations are built. */
  readonly tensor: Output | (() => Output);
  /** Which part of the full tensor it is, as `shape_and_slice` text; `""` for the whole. */
  readonly sliceSpec: string;
  /** Its name in the checkpoint. */
  readonly name: string;
  readonly dtype: DType;
  /** Where the tensor is, which decides its shard. */
  readonly device: string;
}

/**
 * Something a saver can save and restore: the tensors to write, and what to do with them when they are read back.
 * Derive from it to save what is not a variable.
 */
export abstract class SaveableObject {
  /**
   * @param source - what is saved, for telling whether two saveables are of the same thing
   * @param specs - its tensors, in the order in which they are written
   * @param name - what it is called
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
   * Adds what puts restored values in their place.
   *
   * @param restoredTensors - one output per spec
   * @param restoredShapes - with `reshape`, the shape that each must get, as an int32 output or as known dimensions
   * @returns the operation that is done when the values are in place
   */
  abstract restore(
    restoredTensors: readonly Output[],
    restoredShapes: readonly (Output | readonly number[])[] | undefined,
  ): Operation;
}

/** The spec of a tensor that is in the graph. */
export function specOf(tensor: Output, sliceSpec: string, name: string): SaveSpec {
  if (tensor.dtype === undefined) {
    throw new ValueError(`The dtype of ${tensor.name} is not known, so it can't be saved`, { tensor: name });
  }
  return { tensor, sliceSpec, name, dtype: tensor.dtype, device: tensor.device };
}

/** What a spec saves, added to the graph if it is not there yet. */
export function tensorOf({ tensor }: SaveSpec): Output {
  return typeof tensor === "function" ? tensor() : tensor;
}
