import { UnknownError } from "@tfsaver/core";
import type { Storage, WritableFile } from "@tfsaver/storage";
import { InterceptedStorage, type StorageOperation } from "./intercepted-storage.js";

/** Options of {@link FaultyStorage}. */
export interface FaultyStorageOptions {
  /**
   * The operations that fail: the n-th of all, counted from 1, or those for which a function returns true; the function
   * also receives the number of the operation. Default: none, to count the operations first.
   */
  readonly fail?: number | ((operation: StorageOperation, number: number) => boolean) | undefined;
  /** The error to fail with. Default: an `UnknownError` that names the operation. */
  readonly error?: Error | ((operation: StorageOperation, number: number) => Error) | undefined;
  /** Number of bytes of a failing write that still reach the file (a torn write). Default: 0. */
  readonly tornBytes?: number | undefined;
}

/**
 * Wraps a storage and makes operations fail, deterministically.
 *
 * A failing operation has no effect, with two exceptions: a write may be torn ({@link FaultyStorageOptions.tornBytes}),
 * and a failing `close` still closes the inner file, so that tests do not leak handles.
 *
 * @example
 * ```ts
 * import { MemoryStorage, writeFileAtomically } from "@tfsaver/storage";
 * import { FaultyStorage } from "@tfsaver/testing";
 *
 * const write = (storage: FaultyStorage) => writeFileAtomically(storage, "/a", new Uint8Array(10));
 * const good = new FaultyStorage(new MemoryStorage());
 * await write(good);
 * for (let n = 1; n <= good.operations; n++) {
 *   const inner = new MemoryStorage();
 *   await write(new FaultyStorage(inner, { fail: n })).catch(() => undefined);
 *   const size = (await inner.stat("/a"))?.size ?? 0;
 *   console.log(n, size); // 0 or 10, never in between
 * }
 * ```
 */
export class FaultyStorage extends InterceptedStorage {
  readonly #options: FaultyStorageOptions;
  #operations = 0;
  #faults = 0;

  constructor(inner: Storage, options: FaultyStorageOptions = {}) {
    super(inner);
    this.#options = options;
  }

  /** Number of operations so far, including those that failed. */
  get operations(): number {
    return this.#operations;
  }

  /** Number of operations that were made to fail so far. */
  get faults(): number {
    return this.#faults;
  }

  protected override async intercept<T>(operation: StorageOperation, run: () => Promise<T>): Promise<T> {
    const fault = this.#faultOf(operation);
    if (fault === undefined) return run();
    if (operation.kind === "close") await run();
    throw fault;
  }

  protected override async interceptWrite(
    operation: StorageOperation,
    file: WritableFile,
    chunks: readonly Uint8Array[],
  ): Promise<void> {
    const fault = this.#faultOf(operation);
    if (fault === undefined) return file.write(chunks);
    const torn = firstBytes(chunks, this.#options.tornBytes ?? 0);
    if (torn.length > 0) await file.write(torn);
    throw fault;
  }

  #faultOf(operation: StorageOperation): Error | undefined {
    const number = ++this.#operations;
    const { fail, error } = this.#options;
    if (!(typeof fail === "function" ? fail(operation, number) : fail === number)) return undefined;
    this.#faults++;
    if (typeof error === "function") return error(operation, number);
    const { kind, path } = operation;
    return error ?? new UnknownError(`${path}; Injected fault: ${kind} (operation ${number})`, { path });
  }
}

function firstBytes(chunks: readonly Uint8Array[], count: number): Uint8Array[] {
  const torn: Uint8Array[] = [];
  let rest = count;
  for (const chunk of chunks) {
    if (rest <= 0) break;
    torn.push(chunk.subarray(0, rest));
    rest -= chunk.length;
  }
  return torn;
}
