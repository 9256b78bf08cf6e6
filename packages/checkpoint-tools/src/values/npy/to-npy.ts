import {
  InvalidArgumentError,
  isNumeric,
  numElements,
  reshapeTensor,
  type Shape,
  type Tensor,
  tensorBytes,
  UnimplementedError,
  zeroTensor,
} from "@tfsaver/core";
import { npyHeader, numpyDescr } from "@tfsaver/core/npy";
import type { TensorDescription } from "../format-tensor.js";

/**
 * Formats a tensor as a NumPy file (`.npy`, version 1), with the bytes that `numpy.save` writes. Returns pieces to be
 * written one after another; the tensor's own memory is one of them, not a copy.
 *
 * - Dtypes that NumPy lacks (`bfloat16`, `float8_*`, `float4_e2m1fn`, `int4`, `uint4`, `int2`, `uint2`) are stored as
 *   raw bits, as `numpy.save` does with the types of `ml_dtypes`; after loading, call `array.view(…)` with such a type.
 *   Quantized types are stored as their integers.
 * - Strings are stored as bytes of the length of the longest (`S…`), padded with zeros.
 *
 * @throws `InvalidArgumentError` for a string that ends in a zero byte, which NumPy takes for padding;
 * `UnimplementedError` for `variant` and `resource`.
 *
 * @example
 * ```ts
 * import { writeFile } from "node:fs/promises";
 * import { loadVariable } from "@tfsaver/checkpoint-reader";
 * import { toNpy } from "@tfsaver/checkpoint-tools";
 *
 * await writeFile("kernel.npy", toNpy(await loadVariable("run/model.ckpt-7", "dense/kernel")));
 * ```
 */
export function toNpy(tensor: Tensor): Uint8Array[] {
  const { dtype, shape } = tensor;
  if (ArrayBuffer.isView(tensor.data)) return [npyHeader(numpyDescr(dtype), shape), tensorBytes(tensor)];
  if (dtype !== "string") throw new UnimplementedError(`A ${dtype} tensor can't be stored in a .npy file`);
  return stringChunks(tensor.data, shape);
}

/**
 * Formats a tensor that comes in pieces, such as those of `CheckpointReader.stream`, as {@link toNpy} does. Strings must come in
 * one piece, because their width is that of the longest.
 *
 * @param tensor - dtype and shape of the whole
 * @throws as {@link toNpy}.
 *
 * @example
 * ```ts
 * import { createWriteStream } from "node:fs";
 * import { pipeline } from "node:stream/promises";
 * import { openCheckpoint } from "@tfsaver/checkpoint-reader";
 * import { piecesToNpy } from "@tfsaver/checkpoint-tools";
 *
 * const reader = await openCheckpoint("run/model.ckpt-7");
 * const info = await reader.info("dense/kernel");
 * if (info !== undefined) await pipeline(piecesToNpy(info, reader.stream(info.name)), createWriteStream("kernel.npy"));
 * await reader.close();
 * ```
 */
export async function* piecesToNpy(
  { dtype, shape }: TensorDescription,
  pieces: AsyncIterable<Tensor>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (!isNumeric(dtype)) {
    let whole = zeroTensor(dtype, numElements(shape) === 0 ? shape : []);
    for await (const piece of pieces) whole = reshapeTensor(piece, shape);
    yield* toNpy(whole);
    return;
  }
  yield npyHeader(numpyDescr(dtype), shape);
  for await (const piece of pieces) yield tensorBytes(piece);
}

function stringChunks(strings: readonly Uint8Array[], shape: Shape): Uint8Array[] {
  const bad = strings.findIndex((item) => item.at(-1) === 0);
  if (bad >= 0) {
    throw new InvalidArgumentError(
      `Element ${bad} ends in a zero byte, which is lost in a .npy file: choose another format`,
    );
  }
  // NumPy does not support strings of width 0.
  const width = strings.reduce((longest, item) => Math.max(longest, item.length), 1);
  const filling = new Uint8Array(width);
  const chunks = [npyHeader(`|S${width}`, shape)];
  for (const item of strings) chunks.push(item, filling.subarray(item.length));
  return chunks;
}
