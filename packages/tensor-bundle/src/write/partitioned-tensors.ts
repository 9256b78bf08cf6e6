import {
  type DType,
  formatShape,
  formatSlice,
  InvalidArgumentError,
  type Shape,
  shapesEqual,
  type TensorSlice,
} from "@tfsaver/core";
import { sliceKey } from "@tfsaver/core/coding";
import { encodePartitionedEntry } from "../encode/entry.js";
import { nameToKey } from "../encode/index-keys.js";
import type { IndexRow } from "./write-index.js";

interface Partitioned {
  readonly dtype: DType;
  readonly shape: Shape;
  /** By their text. */
  readonly slices: Map<string, TensorSlice>;
}

/** The partitioned tensors of a bundle that is being written, each with its slices so far. */
export class PartitionedTensors {
  readonly #tensors = new Map<string, Partitioned>();

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /**
   * Adds a slice and returns its index key.
   *
   * @throws `InvalidArgumentError` if it was added before, or has another dtype or shape than the slices before it.
   */
  add(name: string, dtype: DType, shape: Shape, slice: TensorSlice): Uint8Array {
    const known = this.#tensors.get(name);
    const text = formatSlice(slice);
    if (known === undefined) this.#tensors.set(name, { dtype, shape, slices: new Map([[text, slice]]) });
    else {
      if (known.dtype !== dtype || !shapesEqual(known.shape, shape)) {
        throw new InvalidArgumentError(
          `Slices of ${name} must have the same dtype and full shape, but one has ${known.dtype} ` +
            `${formatShape(known.shape)} and another ${dtype} ${formatShape(shape)}`,
          { tensor: name },
        );
      }
      if (known.slices.has(text)) {
        throw new InvalidArgumentError(`Adding duplicate key: ${name} ${text}`, { tensor: name });
      }
      known.slices.set(text, slice);
    }
    return sliceKey(nameToKey(name), slice);
  }

  /** Yields the index row that lists the slices of each tensor. */
  *rows(): Generator<IndexRow> {
    for (const [name, { dtype, shape, slices }] of this.#tensors) {
      yield { key: nameToKey(name), entry: encodePartitionedEntry(dtype, shape, [...slices.values()]) };
    }
  }
}
