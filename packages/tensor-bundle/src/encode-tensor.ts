import { isNumeric, type Tensor, tensorBytes, tensorStrings, UnimplementedError } from "@tfsaver/core";
import { crc32c } from "@tfsaver/core/coding";
import { encodeStrings } from "./strings.js";
import { encodeVariants } from "./variants.js";

/** A tensor as it lies in a data file. */
export interface EncodedTensor {
  /** What to write, in order; of numbers their own memory, without a copy. */
  readonly chunks: readonly Uint8Array[];
  readonly size: number;
  /** Unmasked. */
  readonly crc32c: number;
}

/** @throws `UnimplementedError` for `resource`, which no checkpoint can hold. */
export function encodeTensor(name: string, tensor: Tensor): EncodedTensor {
  if (isNumeric(tensor.dtype)) {
    const bytes = tensorBytes(tensor);
    return { chunks: [bytes], size: bytes.length, crc32c: crc32c(bytes) };
  }
  if (tensor.dtype === "string") return encodeStrings(tensorStrings(tensor));
  if (tensor.dtype === "variant") return encodeVariants(tensorStrings(tensor));
  throw new UnimplementedError(`Tensor ${name} of dtype ${tensor.dtype} can't be saved`, { tensor: name });
}
