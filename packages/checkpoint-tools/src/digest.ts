import { openCheckpoint, type TensorInfo, type TensorSource } from "@tfsaver/checkpoint-reader";
import { Sha256 } from "@tfsaver/checkpoint-tools/sha256";
import { isNumeric, type OperationOptions, type Tensor, tensorBytes, tensorStrings } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";
import { PieceProgress } from "./piece-progress.js";

/** Options of {@link digestCheckpoint}. */
export interface DigestOptions extends OperationOptions {
  /** Storage to read from. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Called with each digest as soon as it is known, in the order of the names. */
  readonly onDigest?: ((name: string, digest: string) => void | Promise<void>) | undefined;
}

/**
 * Computes the SHA-256 of every tensor's content, in hexadecimal, by name and in the order of the names' bytes, as
 * {@link digestTensor} does. Two checkpoints with equal digests hold the same values, in whatever format and number of
 * files. Verifies every checksum. Reads tensors in pieces, so it needs little memory, and reports progress after each piece.
 *
 * @param prefix - as `resolveCheckpoint` returns it
 * @throws the errors of `openCheckpoint`; `DataLossError` at the first damaged tensor.
 *
 * @example
 * ```ts
 * import { digestCheckpoint } from "@tfsaver/checkpoint-tools";
 *
 * const digests = await digestCheckpoint("run/model.ckpt-7");
 * console.log(digests.get("global_step"));
 * ```
 */
export async function digestCheckpoint(prefix: string, options: DigestOptions = {}): Promise<Map<string, string>> {
  const { signal, onDigest } = options;
  const reader = await openCheckpoint(prefix, options);
  try {
    const infos: TensorInfo[] = [];
    for await (const info of reader.tensors({ signal })) infos.push(info);
    const progress = new PieceProgress(infos, options);
    const digests = new Map<string, string>();
    for (const info of infos) {
      const digest = await digestOf(reader, info, progress);
      digests.set(info.name, digest);
      await onDigest?.(info.name, digest);
    }
    return digests;
  } finally {
    await reader.close();
  }
}

/** Computes the digest of one tensor, as {@link digestCheckpoint} does. */
export async function digestOf(reader: TensorSource, info: TensorInfo, progress: PieceProgress): Promise<string> {
  const hash = new Sha256();
  const pieces = reader.stream(info.name, { signal: progress.options.signal });
  for await (const piece of progress.of(info.name, info, pieces)) update(hash, piece);
  return hash.hex();
}

/**
 * Computes the SHA-256 of a tensor's content, in hexadecimal: of its raw little-endian bytes; for strings, of each
 * element's length (8 bytes, little-endian) and bytes. Dtype and shape are not included.
 */
export function digestTensor(tensor: Tensor): string {
  const hash = new Sha256();
  update(hash, tensor);
  return hash.hex();
}

function update(hash: Sha256, tensor: Tensor): void {
  if (isNumeric(tensor.dtype)) {
    hash.update(tensorBytes(tensor));
    return;
  }
  const length = new DataView(new ArrayBuffer(8));
  for (const element of tensorStrings(tensor)) {
    length.setBigUint64(0, BigInt(element.length), true);
    hash.update(new Uint8Array(length.buffer));
    hash.update(element);
  }
}
