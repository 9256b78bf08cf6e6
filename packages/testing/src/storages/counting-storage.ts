import { InterceptedStorage, type StorageOperation, type StorageOperationKind } from "./intercepted-storage.js";

/** A range of bytes that was read. */
export interface ReadRange {
  readonly offset: number;
  readonly length: number;
}

/**
 * Wraps a storage and records all operations, so that a test can check what something costs.
 *
 * @example
 * ```ts
 * import { MemoryStorage, readFile, writeFileAtomically } from "@tfsaver/storage";
 * import { CountingStorage } from "@tfsaver/testing";
 *
 * const storage = new CountingStorage(new MemoryStorage());
 * await writeFileAtomically(storage, "/a", Uint8Array.of(1, 2, 3));
 * await readFile(storage, "/a");
 * console.log(storage.count("open"), storage.bytesRead, storage.filesLeftOpen); // 1 3 0
 * ```
 */
export class CountingStorage extends InterceptedStorage {
  #operations: StorageOperation[] = [];
  #filesLeftOpen = 0;

  protected override async intercept<T>(operation: StorageOperation, run: () => Promise<T>): Promise<T> {
    this.#operations.push(operation);
    if (operation.kind === "close") this.#filesLeftOpen--;
    const result = await run();
    if (operation.kind === "open" || operation.kind === "create") this.#filesLeftOpen++;
    return result;
  }

  /** Operations so far, in order, including those that failed. */
  get operations(): readonly StorageOperation[] {
    return this.#operations;
  }

  /** Counts the operations of one kind, or all. */
  count(kind?: StorageOperationKind): number {
    return kind === undefined ? this.#operations.length : this.#of(kind).length;
  }

  /** Paths that were opened for reading, once for each time. */
  get filesOpened(): string[] {
    return this.#of("open").map(({ path }) => path);
  }

  /** Number of files that were opened or created and not yet closed. */
  get filesLeftOpen(): number {
    return this.#filesLeftOpen;
  }

  /** Number of bytes requested by reads. */
  get bytesRead(): number {
    return this.#bytes("read");
  }

  /** Number of bytes passed to writes. */
  get bytesWritten(): number {
    return this.#bytes("write");
  }

  /** Lists the ranges that were read of a file, in order. */
  rangesRead(path: string): ReadRange[] {
    return this.#of("read")
      .filter((operation) => operation.path === path)
      .map(({ offset = 0, length = 0 }) => ({ offset, length }));
  }

  /** Forgets the operations, but not which files are open. */
  reset(): void {
    this.#operations = [];
  }

  #of(kind: StorageOperationKind): StorageOperation[] {
    return this.#operations.filter((operation) => operation.kind === kind);
  }

  #bytes(kind: StorageOperationKind): number {
    return this.#of(kind).reduce((sum, { length = 0 }) => sum + length, 0);
  }
}
