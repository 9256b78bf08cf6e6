import { AbortedError, OutOfRangeError, throwIfAborted } from "@tfsaver/core";
import { canonicalPath } from "../paths/canonical-path.js";
import type { CallOptions, FileStat, OpenOptions, ReadableFile, Storage } from "../storage.js";
import { totalLength } from "../total-length.js";
import { BLOCK_BYTES, CachedBlocks } from "./cached-blocks.js";
import { forward } from "./forward.js";

/** Options of {@link withCache}. */
export interface CacheOptions {
  /** Where the bytes are kept: a local storage. */
  readonly storage: Storage;
  /** A directory of that storage for nothing else. Its parent must exist. Several processes may share it. */
  readonly directory: string;
  /** Bytes to keep at most; the oldest go first. While files are read, there may be a sixteenth more. Default: 10 GiB. */
  readonly maxBytes?: number | undefined;
}

const MAX_BYTES = 10 * 2 ** 30;
/** Most blocks that are fetched at once: 8 MiB. */
const RUN_BLOCKS = 8;

/**
 * Keeps the bytes that are read from a remote storage in a local one, in blocks of 1 MiB, each with a checksum.
 *
 * A file is looked at when it is opened: if its version has changed, or its size or time where the storage has no versions, its
 * bytes are fetched anew. Everything else goes to the remote storage, also `get`, which reads locks and state files. Without
 * space for the cache, files are read without it.
 *
 * @example
 * ```ts
 * import { HttpStorage } from "@tfsaver/storage/http";
 * import { NodeStorage } from "@tfsaver/storage/node";
 * import { withCache } from "@tfsaver/storage/wrappers";
 *
 * const remote = new HttpStorage("https://models.example/");
 * const storage = withCache(remote, { storage: new NodeStorage(), directory: "/var/cache/models", maxBytes: 2 ** 30 });
 * ```
 */
export function withCache(remote: Storage, options: CacheOptions): Storage {
  const blocks = new CachedBlocks(options.storage, options.directory, options.maxBytes ?? MAX_BYTES);
  return withBlocks(remote, blocks);
}

function withBlocks(remote: Storage, blocks: CachedBlocks): Storage {
  return {
    ...forward(remote, {}),
    ...(remote.at && { at: (path) => withBlocks(remote.at?.(path) ?? remote, blocks) }),
    open: async (path, openOptions) => {
      throwIfAborted(openOptions?.signal);
      const stat = await remote.stat(path, { signal: openOptions?.signal });
      // Gives the storage's own error.
      if (stat?.kind !== "file") return remote.open(path, openOptions);
      const key = await blocks.keyOf(await canonicalPath(remote, path), stateOf(stat));
      // Where an open file keeps its bytes though it is replaced, it has to be open.
      const opened = remote.capabilities.atomicRename ? await openSame(remote, path, stat, openOptions) : undefined;
      return new CachedReader(path, stat.size, key, blocks, opened, (own) => openSame(remote, path, stat, own));
    },
  };
}

function stateOf({ version, size, modifiedMs }: FileStat): string {
  return version === undefined ? `${size} ${modifiedMs}` : `${size} ${version}`;
}

/** Opens a file that has not changed since it was looked at. */
async function openSame(remote: Storage, path: string, stat: FileStat, options?: OpenOptions): Promise<ReadableFile> {
  const file = await remote.open(path, options);
  const now = await remote.stat(path, { signal: options?.signal });
  if (now !== undefined && stateOf(now) === stateOf(stat)) return file;
  await file.close();
  throw new AbortedError(`${path} changed while it was being opened. Open it again`, { path });
}

class CachedReader implements ReadableFile {
  #remote: Promise<ReadableFile> | undefined;

  constructor(
    readonly path: string,
    readonly size: number,
    private readonly key: string,
    private readonly blocks: CachedBlocks,
    opened: ReadableFile | undefined,
    private readonly open: (options: OpenOptions) => Promise<ReadableFile>,
  ) {
    if (opened !== undefined) this.#remote = Promise.resolve(opened);
  }

  async readInto(offset: number, targets: readonly Uint8Array[], options?: CallOptions): Promise<void> {
    throwIfAborted(options?.signal);
    const { path, size } = this;
    const end = offset + totalLength(targets);
    if (end > size) throw new OutOfRangeError(`${path}: Read less bytes than requested`, { path, offset });
    let missing: number[] = [];
    const fetchMissing = async () => {
      if (missing.length > 0) await this.#fetch(missing, offset, targets, options);
      missing = [];
    };
    for (let index = Math.floor(offset / BLOCK_BYTES); index * BLOCK_BYTES < end; index++) {
      const block = await this.blocks.read(this.key, index, this.#lengthOf(index));
      if (block === undefined) missing.push(index);
      else copyInto(offset, targets, index * BLOCK_BYTES, block);
      if (block !== undefined || missing.length === RUN_BLOCKS) await fetchMissing();
    }
    await fetchMissing();
  }

  async close(): Promise<void> {
    const remote = this.#remote;
    this.#remote = undefined;
    await (await remote?.catch(() => undefined))?.close();
  }

  #lengthOf(index: number): number {
    return Math.min(BLOCK_BYTES, this.size - index * BLOCK_BYTES);
  }

  /** Fetches neighboring blocks with one read. */
  async #fetch(run: readonly number[], offset: number, targets: readonly Uint8Array[], options?: CallOptions) {
    const start = (run[0] as number) * BLOCK_BYTES;
    const fetched = run.map((index) => new Uint8Array(this.#lengthOf(index)));
    if (this.#remote === undefined) {
      this.#remote = this.open({ near: start, signal: options?.signal });
      this.#remote.catch(() => {
        this.#remote = undefined;
      });
    }
    const remote = await this.#remote;
    await remote.readInto(start, fetched, options);
    for (const [i, block] of fetched.entries()) {
      const index = run[i] as number;
      copyInto(offset, targets, index * BLOCK_BYTES, block);
      await this.blocks.write(this.key, index, block);
    }
  }
}

/** Copies what a block at `start` shares with the targets, which are filled from `offset` on. */
function copyInto(offset: number, targets: readonly Uint8Array[], start: number, block: Uint8Array): void {
  let at = offset;
  for (const target of targets) {
    const from = Math.max(at, start);
    const to = Math.min(at + target.length, start + block.length);
    if (from < to) target.set(block.subarray(from - start, to - start), from - at);
    at += target.length;
  }
}
