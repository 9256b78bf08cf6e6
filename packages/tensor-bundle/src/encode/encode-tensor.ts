import { isNumeric, type Tensor, tensorBytes, tensorStrings, UnimplementedError } from "@tfsaver/core";
import { CHUNK_BYTES, crc32c } from "@tfsaver/core/coding";
import { type EncodedTensor, splitIntoChunks } from "./encoded-tensor.js";
import { encodeStrings } from "./strings.js";
import { encodeVariants } from "./variants.js";

/**
 * Encodes a tensor as it lies in a data file.
 *
 * @throws `UnimplementedError` for `resource`, which a checkpoint can't hold.
 */
export function encodeTensor(name: string, tensor: Tensor): EncodedTensor {
  if (isNumeric(tensor.dtype)) return encodeNumbers(tensorBytes(tensor));
  if (tensor.dtype === "string") return encodeStrings(tensor);
  if (tensor.dtype === "variant") return encodeVariants(tensorStrings(tensor));
  throw new UnimplementedError(`Tensor ${name} of dtype ${tensor.dtype} can't be saved`, { tensor: name });
}

function encodeNumbers(bytes: Uint8Array): EncodedTensor {
  // A generator for each of thousands of small tensors would take longer than writing them.
  if (bytes.length <= CHUNK_BYTES) return new SingleChunk(bytes);
  let crc = 0;
  return {
    *chunks() {
      for (const chunk of splitIntoChunks(bytes)) {
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
