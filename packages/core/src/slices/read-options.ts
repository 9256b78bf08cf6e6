import type { OperationOptions } from "../progress.js";
import type { TensorSlice } from "../tensor/tensor-slice.js";

/** The cost of a read. */
export interface ReadReport {
  /** Number of reads of data files. Those of indexes are not counted. */
  readonly requests: number;
  /** Bytes of these reads. */
  readonly bytes: number;
  /** True if the checksums of everything that was read were verified. */
  readonly verified: boolean;
}

/** Options of reading tensors, or parts of them. */
export interface ReadOptions extends OperationOptions {
  /**
   * `whole`: reads all of what is stored together with the part, because one checksum covers it, and verifies the checksum.
   * `none`: reads only the ranges that hold the part, and verifies nothing; strings, and all of V1, are read and verified
   * whole nevertheless. Default: `whole`.
   */
  readonly checksums?: "whole" | "none" | undefined;
  /**
   * Returns memory of at least so many bytes, with any content, for a numeric tensor of more than 4 KiB that is read whole, or for
   * a piece of one, once it is known that the files hold as many bytes. V1 does not ask for it. Default: new memory.
   */
  readonly allocate?: ((bytes: number) => ArrayBuffer) | undefined;
  /** Called once for each tensor, at the end of its read. Must not throw. */
  readonly onRead?: ((report: ReadReport) => void) | undefined;
}

/** Options of reading a tensor in pieces. */
export interface StreamOptions extends Omit<ReadOptions, "onProgress"> {
  /** The part to read. Default: the whole tensor. */
  readonly slice?: TensorSlice | undefined;
  /** Maximum size of a piece in bytes; a piece has one element at least. Default: 4 MiB. */
  readonly pieceBytes?: number | undefined;
}
