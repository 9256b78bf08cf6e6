import { concatBytes } from "@tfsaver/core/coding";
import {
  dirname,
  MemoryStorage,
  type MemoryStorageOptions,
  normalizePath,
  type StorageCapabilities,
  type WritableFile,
} from "@tfsaver/storage";
import { InterceptedStorage, type StorageOperation } from "./intercepted-storage.js";
import { randomNumbers } from "./random-numbers.js";

/** Options of {@link PowerLossStorage}. */
export interface PowerLossStorageOptions {
  /**
   * Called where a process may be stopped: before each operation, and in the middle of each write. What it waits for is
   * waited for.
   */
  readonly onStep?: ((operation: StorageOperation) => Promise<void> | void) | undefined;
}

/** What was written to a file, and how much of it is flushed. */
interface Content {
  written: Uint8Array[];
  /** So many of the writes. */
  flushed: number;
}

/** A change of names that a loss of power undoes, unless the directory has been flushed since. */
interface Change {
  readonly directory: string;
  apply(names: Map<string, Content | "directory">): void;
}

/**
 * Files in memory, as a disk holds them that forgets what was not flushed: tells at any moment what would be left if the
 * process were killed, or if the power failed.
 *
 * - A killed process leaves everything that was done.
 * - Without power, of the bytes written to a file since its last `sync` any part is left, in any order: all, none, only
 *   the later ones, with zeros in the place of those that are missing. Of the names made, renamed or removed since their
 *   directory's last `syncDirectory`, some changes are there and others are not; a rename is there as a whole or not.
 */
export class PowerLossStorage extends InterceptedStorage {
  readonly #names = new Map<string, Content | "directory">();
  readonly #durable = new Map<string, Content | "directory">();
  #pending: Change[] = [];
  readonly #onStep: NonNullable<PowerLossStorageOptions["onStep"]>;

  constructor(options: PowerLossStorageOptions = {}) {
    super(new MemoryStorage());
    this.#onStep = options.onStep ?? (() => undefined);
  }

  override get capabilities(): StorageCapabilities {
    return { ...super.capabilities, fsync: true };
  }

  /** What is left if the process is killed now. */
  afterKill(options?: MemoryStorageOptions): Promise<MemoryStorage> {
    return storageOf(this.#names, ({ written }) => written, options);
  }

  /** What is left if the power fails now: one of the many possibilities, by a seed. */
  afterPowerLoss(seed: number, options?: MemoryStorageOptions): Promise<MemoryStorage> {
    const random = randomNumbers(seed);
    const names = new Map(this.#durable);
    for (const change of this.#pending) if (random() < 0.5) change.apply(names);
    return storageOf(names, (content) => leftOf(content, random), options);
  }

  protected override async intercept<T>(operation: StorageOperation, run: () => Promise<T>): Promise<T> {
    await this.#onStep(operation);
    const result = await run();
    this.#record(operation);
    return result;
  }

  protected override async interceptWrite(
    operation: StorageOperation,
    file: WritableFile,
    chunks: readonly Uint8Array[],
  ): Promise<void> {
    const content = this.#names.get(normalizePath(operation.path)) as Content;
    const all = concatBytes(chunks);
    for (const half of [all.slice(0, all.length / 2), all.slice(all.length / 2)]) {
      await this.#onStep(operation);
      await file.write([half]);
      content.written.push(half);
    }
  }

  #record({ kind, path, to }: StorageOperation): void {
    const key = normalizePath(path);
    switch (kind) {
      case "create": {
        const known = this.#names.get(key);
        // What was there is cut to nothing at once, whether or not that is flushed.
        if (known !== undefined && known !== "directory") Object.assign(known, { written: [], flushed: 0 });
        else this.#put(key, { written: [], flushed: 0 });
        return;
      }
      case "sync": {
        const content = this.#names.get(key);
        if (content !== undefined && content !== "directory") content.flushed = content.written.length;
        return;
      }
      case "createDirectory":
        if (!this.#names.has(key)) this.#put(key, "directory");
        return;
      case "rename": {
        const target = normalizePath(to as string);
        const content = this.#names.get(key) as Content;
        this.#change(target, (names) => {
          names.delete(key);
          names.set(target, content);
        });
        return;
      }
      case "remove":
      case "removeDirectory":
        this.#change(key, (names) => void names.delete(key));
        return;
      case "syncDirectory":
        for (const change of this.#pending) if (change.directory === key) change.apply(this.#durable);
        this.#pending = this.#pending.filter(({ directory }) => directory !== key);
    }
  }

  #put(key: string, content: Content | "directory"): void {
    this.#change(key, (names) => void names.set(key, content));
  }

  #change(key: string, apply: Change["apply"]): void {
    apply(this.#names);
    this.#pending.push({ directory: normalizePath(dirname(key)), apply });
  }
}

/** What the disk has of a file. */
function leftOf({ written, flushed }: Content, random: () => number): Uint8Array[] {
  const luck = random();
  if (luck < 0.3) return written.slice(0, flushed);
  if (luck < 0.5) return written;
  const late = written.slice(flushed).map((bytes) => (random() < 0.5 ? bytes : new Uint8Array(bytes.length)));
  const last = late.pop();
  if (last !== undefined) late.push(last.subarray(0, Math.floor(random() * (last.length + 1))));
  return [...written.slice(0, flushed), ...late];
}

async function storageOf(
  names: ReadonlyMap<string, Content | "directory">,
  left: (content: Content) => readonly Uint8Array[],
  options?: MemoryStorageOptions,
): Promise<MemoryStorage> {
  const storage = new MemoryStorage(options);
  // Directories come before what is in them; what is in one that is lost is lost too.
  for (const [path, content] of [...names].sort(([a], [b]) => a.split("/").length - b.split("/").length)) {
    if ((await storage.stat(dirname(path) || "."))?.kind !== "directory") continue;
    if (content === "directory") await storage.createDirectory(path);
    else {
      const file = await storage.create(path);
      await file.write(left(content));
      await file.close();
    }
  }
  return storage;
}
