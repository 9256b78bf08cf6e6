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
  /** Called, and awaited, wherever a process may be killed: before each operation and in the middle of each write. */
  readonly onStep?: ((operation: StorageOperation) => Promise<void> | void) | undefined;
}

/** The content of a file, and how much of it is flushed. */
interface Content {
  written: Uint8Array[];
  /** Number of writes that are flushed. */
  flushed: number;
}

/** A change of names, which a power loss undoes unless the directory was flushed. */
interface Change {
  readonly directory: string;
  apply(names: Map<string, Content | "directory">): void;
}

/**
 * Simulates a disk in memory that loses what was not flushed. At any time it can tell what would be left if the process
 * were killed, or the power failed.
 *
 * - After a kill, everything that was done is there.
 * - After a power loss, each file has an arbitrary part of the bytes written since its last `sync`: all, none, or only
 *   later ones with zeros before them. Of the names created, renamed or removed since the last `syncDirectory` of their
 *   directory, any subset has changed; a rename happens completely or not at all.
 *
 * @example
 * ```ts
 * import { writeFileAtomically } from "@tfsaver/storage";
 * import { PowerLossStorage } from "@tfsaver/testing";
 *
 * const disk = new PowerLossStorage();
 * await writeFileAtomically(disk, "/a", Uint8Array.of(1, 2, 3));
 * for (let seed = 0; seed < 100; seed++) {
 *   const left = await disk.afterPowerLoss(seed);
 *   console.log((await left.stat("/a"))?.size); // always 3: the write was flushed
 * }
 * ```
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

  /** Returns what is left if the process is killed now. */
  afterKill(options?: MemoryStorageOptions): Promise<MemoryStorage> {
    return storageOf(this.#names, ({ written }) => written, options);
  }

  /** Returns what is left if the power fails now: one of many possibilities, chosen by a seed. */
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
        // An existing file is truncated at once, flushed or not.
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

/** Chooses which bytes of a file the disk has kept. */
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
  // Parents come first; the content of a lost directory is lost too.
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
