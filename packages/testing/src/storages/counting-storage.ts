import { InterceptedStorage, type StorageOperation, type StorageOperationKind } from "./intercepted-storage.js";

/** A run of bytes that was read. */
export interface ReadRange {
  readonly offset: number;
  readonly length: number;
}

/** A storage around another one that remembers what it was asked for, so that a test can say what a thing costs. */
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

  /** Everything asked for so far, in order; also what then failed. */
  get operations(): readonly StorageOperation[] {
    return this.#operations;
  }

  /** How many operations of a kind, or of all kinds, there were. */
  count(kind?: StorageOperationKind): number {
    return kind === undefined ? this.#operations.length : this.#of(kind).length;
  }

  /** Paths opened for reading, each as often as it was opened. */
  get filesOpened(): string[] {
    return this.#of("open").map(({ path }) => path);
  }

  /** Files that were opened or made and not closed since. */
  get filesLeftOpen(): number {
    return this.#filesLeftOpen;
  }

  /** Bytes asked for in reads. */
  get bytesRead(): number {
    return this.#bytes("read");
  }

  /** Bytes handed over in writes. */
  get bytesWritten(): number {
    return this.#bytes("write");
  }

  /** What was read of a file, in the order in which it was asked for. */
  rangesRead(path: string): ReadRange[] {
    return this.#of("read")
      .filter((operation) => operation.path === path)
      .map(({ offset = 0, length = 0 }) => ({ offset, length }));
  }

  /** Forgets all operations, but not which files are open. */
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
