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
import { encodePartitionedEntry } from "./entry.js";
import { nameToKey } from "./names.js";

interface Partitioned {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly slices: TensorSlice[];
}

/** Keeps the entries of partitioned tensors that are being written. */
export class SliceBook {
  readonly #tensors = new Map<string, Partitioned>();

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /**
   * Notes a slice, and gives the key of its entry.
   *
   * @throws `InvalidArgumentError` if it was noted before, or does not go with the slices before it.
   */
  add(name: string, dtype: DType, shape: Shape, slice: TensorSlice): Uint8Array {
    const known = this.#tensors.get(name);
    const text = formatSlice(slice);
    if (known === undefined) this.#tensors.set(name, { dtype, shape, slices: [slice] });
    else {
      if (known.dtype !== dtype || !shapesEqual(known.shape, shape)) {
        throw new InvalidArgumentError(
          `Slices of ${name} must be of one tensor: ${known.dtype}${formatShape(known.shape)} and ` +
            `${dtype}${formatShape(shape)}`,
          { tensor: name },
        );
      }
      if (known.slices.some((other) => formatSlice(other) === text)) {
        throw new InvalidArgumentError(`Adding duplicate key: ${name} ${text}`, { tensor: name });
      }
      known.slices.push(slice);
    }
    return sliceKey(nameToKey(name), slice);
  }

  /** The entries that tell of each tensor as a whole. */
  *entries(): Generator<{ readonly key: Uint8Array; readonly entry: Uint8Array }> {
    for (const [name, { dtype, shape, slices }] of this.#tensors) {
      yield { key: nameToKey(name), entry: encodePartitionedEntry(dtype, shape, slices) };
    }
  }
}
