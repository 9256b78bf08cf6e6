import type { Storage } from "@tfsaver/storage";
import type { IdentifiedFile } from "./identified-file.js";
import { HEAD_BYTES, identifyBytes } from "./identify-bytes.js";

/**
 * Tells what a file is, by its first bytes, as {@link identifyBytes} does.
 *
 * @throws the storage's errors.
 * @example
 * ```ts
 * import { identifyFile } from "@tfsaver/checkpoint-reader";
 * import { MemoryStorage, writeFileAtomically } from "@tfsaver/storage";
 *
 * const storage = new MemoryStorage();
 * await writeFileAtomically(storage, "m.index", new TextEncoder().encode("<!DOCTYPE html>"));
 * console.log((await identifyFile("m.index", storage))?.description); // a web page, not the file: fetch it again
 * ```
 */
export async function identifyFile(path: string, storage: Storage): Promise<IdentifiedFile | undefined> {
  const file = await storage.open(path);
  try {
    const head = new Uint8Array(Math.min(file.size, HEAD_BYTES));
    await file.readInto(0, [head]);
    return identifyBytes(head);
  } finally {
    await file.close();
  }
}
