import type { CheckpointReader, TensorInfo } from "@tfsaver/checkpoint-reader";
import type { DType, OperationOptions, Shape, Tensor, TensorSlice } from "@tfsaver/core";
import type { StreamOptions } from "@tfsaver/core/slices";

/** A tensor to write, whose values are read when they are due. */
export interface NewTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Size in bytes. For strings, an estimate. */
  readonly size: number;
  /** The slices to store; empty for a tensor that is stored whole. */
  readonly slices: readonly TensorSlice[];
  readonly values: TensorValues;
}

/** Reads the values of a tensor, at once or in pieces, as a `CheckpointReader` does. */
export interface TensorValues {
  get(slice: TensorSlice | undefined, options: OperationOptions): Promise<Tensor>;
  stream(options: StreamOptions): AsyncIterable<Tensor>;
}

/** Returns a tensor of an open checkpoint as one to write. */
export function storedTensor(reader: CheckpointReader, { name, dtype, shape, size, slices }: TensorInfo): NewTensor {
  const values: TensorValues = {
    get: (slice, options) => reader.get(name, slice, options),
    stream: (options) => reader.stream(name, options),
  };
  return { name, dtype, shape, size, slices, values };
}
