import type { TensorSlice } from "../tensor/tensor-slice.js";

/** A tensor to read, or a part of one. */
export interface TensorRequest {
  readonly name: string;
  /** Default: the whole tensor. */
  readonly slice?: TensorSlice | undefined;
}

/** One read of a file. It may serve several tensors that lie next to each other. */
export interface PlannedRead {
  readonly path: string;
  /** Byte offset in the file. */
  readonly offset: number;
  /** Length in bytes. */
  readonly length: number;
  /** Names of the tensors (or slices) that are read, in the order in which they lie in the file. */
  readonly tensors: readonly string[];
}
