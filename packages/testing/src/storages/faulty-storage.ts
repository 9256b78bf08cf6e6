import { UnknownError } from "@tfsaver/core";
import type { Storage, WritableFile } from "@tfsaver/storage";
import { InterceptedStorage, type StorageOperation } from "./intercepted-storage.js";

/** When and how a {@link FaultyStorage} fails. */
export interface FaultyStorageOptions {
  /**
   * Which operations fail: the n-th of all, counted from 1, and only that one; or those for which a function says so,
   * which also gets each operation's number. Default: none, so that the operations can be counted first.
   */
  readonly fail?: number | ((operation: StorageOperation, number: number) => boolean) | undefined;
  /** What they fail with. Default: an `UnknownError` that names the operation. */
  readonly error?: Error | ((operation: StorageOperation, number: number) => Error) | undefined;
  /** How many bytes of a write that fails reach the file before it does (a torn write). Default: 0. */
  readonly tornBytes?: number | undefined;
}

/**
 * A storage around another one that fails on demand, always in the same way.
 *
 * An operation that fails has no effect, with two exceptions: a write may be torn
 * ({@link FaultyStorageOptions.tornBytes}), and a failing `close` does close the file underneath, so that tests leak no
 * handles.
 *
 * @example
 * ```ts
 * const whole = new FaultyStorage(new MemoryStorage());
 * await save(whole);
 * for (let n = 1; n <= whole.operations; n++) {
 *   await assertOldOrNew(save, new FaultyStorage(new MemoryStorage(), { fail: n }));
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

  /** Operations asked for so far, those that failed included. */
  get operations(): number {
    return this.#operations;
  }

  /** Operations that were made to fail so far. */
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
