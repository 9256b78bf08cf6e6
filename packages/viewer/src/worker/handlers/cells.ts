import { InvalidArgumentError, isNumeric, type Tensor, type TensorSlice, tensorStrings } from "@tfsaver/core";
import { type Handlers, transferring } from "../../rpc/index.js";
import type { TensorParts } from "../tensor-parts.js";

/** Bytes of a string that a cell shows. */
const HEAD_BYTES = 200;

/** The elements of a part of a tensor, to be shown in cells. */
export interface Cells {
  /** Strings are cut to their first 200 bytes. */
  readonly tensor: Tensor;
  /** Lengths of whole strings in bytes. Undefined for other dtypes. */
  readonly lengths: Float64Array | undefined;
  /** True if what was read has checksums, and they were compared. */
  readonly verified: boolean;
}

/** Bytes of a string. */
interface StringBytes {
  readonly bytes: Uint8Array;
  /** Length of the whole string in bytes. */
  readonly length: number;
}

export interface CellsContract {
  /**
   * Reads a part of a tensor. Small tensors are read whole, verified, and kept; of large ones only the part is read. With
   * `unverified`, only the part is read in any case, and checksums are not compared.
   */
  cells(request: {
    readonly id: number;
    readonly name: string;
    readonly slice: TensorSlice;
    readonly unverified: boolean;
  }): Cells;
  /** Reads the first bytes of one string. `slice` is that of one element. */
  stringBytes(request: {
    readonly id: number;
    readonly name: string;
    readonly slice: TensorSlice;
    readonly maxBytes: number;
  }): StringBytes;
}

export function cellsHandlers(parts: TensorParts): Handlers<CellsContract> {
  return {
    cells: async ({ id, name, slice, unverified }, { signal }) => {
      const { tensor, verified } = await parts.get(id, name, slice, { signal, unverified });
      if (!isNumeric(tensor.dtype)) return cutStrings(tensor, verified);
      const cells: Cells = { tensor, lengths: undefined, verified };
      return transferring(cells, [(tensor.data as Uint8Array).buffer]);
    },
    stringBytes: async ({ id, name, slice, maxBytes }, { signal }) => {
      const { tensor } = await parts.get(id, name, slice, { signal });
      const [string] = tensorStrings(tensor);
      if (string === undefined) throw new InvalidArgumentError(`${name} has no string there`, { tensor: name });
      return { bytes: string.slice(0, maxBytes), length: string.length };
    },
  };
}

function cutStrings(tensor: Tensor, verified: boolean): Cells {
  const { dtype, shape } = tensor;
  const strings = tensorStrings(tensor);
  // Copies, because a message with a view of a large buffer carries all of the buffer.
  const heads = strings.map((string) => string.slice(0, HEAD_BYTES));
  const lengths = Float64Array.from(strings, ({ length }) => length);
  return { tensor: { dtype, shape, data: heads }, lengths, verified };
}
