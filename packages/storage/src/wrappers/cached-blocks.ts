import { ValueError } from "@tfsaver/core";
import { concatBytes, crc32c } from "@tfsaver/core/coding";
import { createDirectoryIfMissing, readFile, writeFileAtomically } from "../files.js";
import { joinPath } from "../paths/path.js";
import type { Storage } from "../storage.js";

/** Bytes of a block (1 MiB). */
export const BLOCK_BYTES = 1 << 20;
/** Bytes of the checksum behind a block. */
const TRAILER = 4;
/** The part of the limit that may be written before the oldest blocks are removed. */
const SLACK = 1 / 16;

/** Blocks of files in a directory, a file each, which any number of processes may read, write and remove. */
export class CachedBlocks {
  /** Bytes written since the directory was last measured. Infinite at the start: other processes may have filled it. */
  #written = Number.POSITIVE_INFINITY;
  #removing: Promise<void> | undefined;

  /** @throws `ValueError` if there is no room for a block. */
  constructor(
    private readonly storage: Storage,
    private readonly directory: string,
    private readonly maxBytes: number,
  ) {
    if (!(maxBytes >= BLOCK_BYTES)) throw new ValueError(`maxBytes must be at least ${BLOCK_BYTES}, not ${maxBytes}`);
  }

  /** Returns a name for a state of a file, which is short however long its path is. */
  async keyOf(path: string, state: string): Promise<string> {
    const text = new TextEncoder().encode(JSON.stringify([path, state]));
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
    return Array.from(digest.subarray(0, 20), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** Returns a block; undefined if it is not there whole and undamaged. */
  async read(key: string, index: number, length: number): Promise<Uint8Array | undefined> {
    const stored = await readFile(this.storage, this.#pathOf(key, index)).catch(() => undefined);
    if (stored?.length !== length + TRAILER) return undefined;
    const block = stored.subarray(0, length);
    const view = new DataView(stored.buffer, stored.byteOffset + length);
    return view.getUint32(0) === crc32c(block) ? block : undefined;
  }

  /** Keeps a block. Does nothing where there is no space for it. */
  async write(key: string, index: number, block: Uint8Array): Promise<void> {
    const trailer = new Uint8Array(TRAILER);
    new DataView(trailer.buffer).setUint32(0, crc32c(block));
    try {
      if (this.#written === Number.POSITIVE_INFINITY) await createDirectoryIfMissing(this.storage, this.directory);
      await writeFileAtomically(this.storage, this.#pathOf(key, index), concatBytes([block, trailer]));
      this.#written += block.length + TRAILER;
      if (this.#written <= this.maxBytes * SLACK) return;
      this.#removing ??= this.#removeOldest().finally(() => {
        this.#removing = undefined;
      });
      await this.#removing;
    } catch {
      // Reading goes on without the cache.
    }
  }

  async #removeOldest(): Promise<void> {
    this.#written = 0;
    const files: { readonly path: string; readonly size: number; readonly modifiedMs: number }[] = [];
    for (const { name } of await this.storage.list(this.directory)) {
      const path = joinPath(this.directory, name);
      const stat = await this.storage.stat(path);
      if (stat?.kind === "file") files.push({ path, size: stat.size, modifiedMs: stat.modifiedMs });
    }
    let total = files.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size } of files.sort((a, b) => a.modifiedMs - b.modifiedMs)) {
      if (total <= this.maxBytes) break;
      // Another process may have removed it.
      await this.storage.remove(path).catch(() => undefined);
      total -= size;
    }
  }

  #pathOf(key: string, index: number): string {
    return joinPath(this.directory, `${key}-${index}`);
  }
}
