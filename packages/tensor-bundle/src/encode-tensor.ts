import { isNumeric, type Tensor, tensorBytes, tensorStrings, UnimplementedError } from "@tfsaver/core";
import { crc32c } from "@tfsaver/core/coding";
import { PIECE, pieces } from "./pieces.js";
import { encodeStrings } from "./strings.js";
import { encodeVariants } from "./variants.js";

/** A tensor as it lies in a data file. */
export interface EncodedTensor {
  /** What to write, in order; of numbers their own memory, without a copy. */
  chunks(): Iterable<Uint8Array>;
  /** The checksum, unmasked, once all chunks have been taken. */
  crc32c(): number;
}

/** @throws `UnimplementedError` for `resource`, which no checkpoint can hold. */
export function encodeTensor(name: string, tensor: Tensor): EncodedTensor {
  if (isNumeric(tensor.dtype)) return encodeNumbers(tensorBytes(tensor));
  if (tensor.dtype === "string") return encodeStrings(tensor);
  if (tensor.dtype === "variant") return encodeVariants(tensorStrings(tensor));
  throw new UnimplementedError(`Tensor ${name} of dtype ${tensor.dtype} can't be saved`, { tensor: name });
}

function encodeNumbers(bytes: Uint8Array): EncodedTensor {
  // To take thousands of small tensors apart would take longer than to write them.
  if (bytes.length <= PIECE) return new OnePiece(bytes);
  let crc = 0;
  return {
    *chunks() {
      for (const piece of pieces(bytes)) {
        crc = crc32c(piece, crc);
        yield piece;
      }
    },
    crc32c: () => crc,
  };
}

class OnePiece implements EncodedTensor {
  constructor(private readonly bytes: Uint8Array) {}

  chunks(): readonly Uint8Array[] {
    return [this.bytes];
  }

  crc32c(): number {
    return crc32c(this.bytes);
  }
}
