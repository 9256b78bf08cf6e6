import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import {
  isNumeric,
  type OperationOptions,
  type Tensor,
  tensorBytes,
  tensorStrings,
  throwIfAborted,
} from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";

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
 * files. Verifies every checksum, and holds one tensor at a time in memory.
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
  const { signal, onProgress, onDigest } = options;
  const reader = await openCheckpoint(prefix, options);
  try {
    const infos = [];
    let total = 0;
    for await (const info of reader.tensors({ signal })) {
      infos.push(info);
      total += info.size;
    }
    const digests = new Map<string, string>();
    let done = 0;
    for (const { name, size } of infos) {
      throwIfAborted(signal);
      const digest = digestTensor(await reader.get(name, undefined, { signal }));
      digests.set(name, digest);
      await onDigest?.(name, digest);
      done += size;
      onProgress?.({ done, total, tensor: name });
    }
    return digests;
  } finally {
    await reader.close();
  }
}

/**
 * Computes the SHA-256 of a tensor's content, in hexadecimal: of its raw little-endian bytes; for strings, of each
 * element's length (8 bytes, little-endian) and bytes. Dtype and shape are not included.
 */
export function digestTensor(tensor: Tensor): string {
  const hash = sha256.create();
  if (isNumeric(tensor.dtype)) {
    hash.update(tensorBytes(tensor));
  } else {
    const length = new DataView(new ArrayBuffer(8));
    for (const element of tensorStrings(tensor)) {
      length.setBigUint64(0, BigInt(element.length), true);
      hash.update(new Uint8Array(length.buffer)).update(element);
    }
  }
  return bytesToHex(hash.digest());
}
