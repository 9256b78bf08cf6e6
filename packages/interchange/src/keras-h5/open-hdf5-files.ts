import type { CallOptions, Storage } from "@tfsaver/storage";
import type { OpenHdf5 } from "./hdf5-types.js";
import { locateWeights } from "./locate-weights.js";
import type { Platform } from "./platform.js";

/** Most files that stay open while others are read. Each takes a worker and its memory. */
const MAX_OPEN = 2;

interface OpenFile {
  readonly file: Promise<OpenHdf5>;
  /** Number of reads that are going on. */
  users: number;
}

/** HDF5 files that are opened when they are read, and closed when others need their place. */
export class OpenHdf5Files {
  /** By path, the one that was used last at the end. */
  readonly #open = new Map<string, OpenFile>();

  constructor(
    private readonly storage: Storage,
    private readonly platform: Platform,
  ) {}

  /** Opens a file for as long as it is used. */
  async *use<T>(path: string, options: CallOptions, read: (file: OpenHdf5) => AsyncIterable<T>): AsyncGenerator<T> {
    const entry = this.#open.get(path) ?? { file: this.#openFile(path, options), users: 0 };
    this.#open.delete(path);
    this.#open.set(path, entry);
    entry.users++;
    try {
      yield* read(await entry.file);
    } finally {
      entry.users--;
      await this.#closeUnused(MAX_OPEN);
    }
  }

  async close(): Promise<void> {
    for (const entry of this.#open.values()) entry.users = 0;
    await this.#closeUnused(0);
  }

  async #openFile(path: string, options: CallOptions): Promise<OpenHdf5> {
    const file = await this.storage.open(path, options);
    try {
      return this.platform.open(await locateWeights(file, this.platform, options));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #closeUnused(most: number): Promise<void> {
    for (const [path, { file, users }] of this.#open) {
      if (this.#open.size <= most) return;
      if (users > 0) continue;
      this.#open.delete(path);
      await file.then(
        (opened) => opened.close(),
        () => undefined,
      );
    }
  }
}
