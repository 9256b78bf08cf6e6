import { isNumeric, type NumericData, type Tensor, tensorStrings, UnimplementedError } from "@tfsaver/core";
import { CHUNK_BYTES, crc32c } from "@tfsaver/core/coding";
import type { EncodedTensor } from "./encoded-tensor.js";
import { encodeStrings } from "./strings.js";
import { encodeVariants } from "./variants.js";

/**
 * Encodes a tensor as it lies in a data file.
 *
 * @throws `UnimplementedError` for `resource`, which a checkpoint can't hold.
 */
export function encodeTensor(name: string, tensor: Tensor): EncodedTensor {
  if (isNumeric(tensor.dtype)) return encodeNumbers(tensor.data as NumericData);
  if (tensor.dtype === "string") return encodeStrings(tensor);
  if (tensor.dtype === "variant") return encodeVariants(tensorStrings(tensor));
  throw new UnimplementedError(`Tensor ${name} of dtype ${tensor.dtype} can't be saved`, { tensor: name });
}

function encodeNumbers({ buffer, byteOffset, byteLength }: NumericData): EncodedTensor {
  // A generator for each of thousands of small tensors would take longer than writing them.
  if (byteLength <= CHUNK_BYTES) return new SingleChunk(new Uint8Array(buffer, byteOffset, byteLength));
  let crc = 0;
  return {
    *chunks() {
      // In Node.js 20, no single array can hold the bytes of more than 4 GiB.
      for (let at = 0; at < byteLength; at += CHUNK_BYTES) {
        const chunk = new Uint8Array(buffer, byteOffset + at, Math.min(CHUNK_BYTES, byteLength - at));
        crc = crc32c(chunk, crc);
        yield chunk;
      }
    },
    crc32c: () => crc,
  };
}

class SingleChunk implements EncodedTensor {
  constructor(private readonly bytes: Uint8Array) {}

  chunks(): readonly Uint8Array[] {
    return [this.bytes];
  }

  crc32c(): number {
    return crc32c(this.bytes);
  }
}
