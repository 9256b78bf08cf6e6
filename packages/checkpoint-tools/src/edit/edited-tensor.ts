import type { CheckpointReader, TensorInfo } from "@tfsaver/checkpoint-reader";
import type { DType, OperationOptions, Shape, Tensor, TensorSlice } from "@tfsaver/core";
import type { StreamOptions } from "@tfsaver/core/slices";

/** A tensor in an edit, whose values are read when they are written. */
export interface EditedTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Size in bytes. For strings, an estimate. */
  readonly size: number;
  /** The slices to store; empty for a tensor that is stored whole. */
  readonly slices: readonly TensorSlice[];
  readonly values: TensorValues;
  readonly origin: Origin;
}

/** Reads the values of a tensor, at once or in pieces, as a `CheckpointReader` does. */
export interface TensorValues {
  get(slice: TensorSlice | undefined, options: OperationOptions | undefined): Promise<Tensor>;
  stream(options: StreamOptions): AsyncIterable<Tensor>;
}

/** Where a tensor of an edit comes from, and how it is there. */
interface Origin {
  /** Name in its checkpoint; `undefined` for a tensor that is set. */
  readonly name: string | undefined;
  /** Prefix of the checkpoint, or path of the NumPy file; `undefined` for a tensor that was passed. */
  readonly path: string | undefined;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Number of slices; 0 if it is stored whole. */
  readonly slices: number;
}

/** Returns a tensor of an open checkpoint as one to edit. */
export function storedTensor(reader: CheckpointReader, info: TensorInfo): EditedTensor {
  const { name, dtype, shape, size, slices } = info;
  const values: TensorValues = {
    get: (slice, options) => reader.get(name, slice, options),
    stream: (options) => reader.stream(name, options),
  };
  const origin = { name, path: reader.prefix, dtype, shape, slices: slices.length };
  return { name, dtype, shape, size, slices, values, origin };
}
