import { Worker } from "node:worker_threads";
import { DataLossError, FailedPreconditionError, throwIfAborted } from "@tfsaver/core";
import type { CallOptions } from "@tfsaver/storage";
import type { Hdf5Place } from "../../keras-h5/hdf5-place.js";
import type { Hdf5Dataset, Hdf5Slice, OpenHdf5 } from "../../keras-h5/hdf5-types.js";
import { WORKER_SOURCE } from "./worker-source.js";

interface Message {
  /** A read of the file. */
  readonly position?: number;
  readonly length?: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** Time in milliseconds that the library may take for a step, without reading from the file. */
const TIME_LIMIT_MS = 5000;
/** Bytes of memory of the library (192 MiB), in pages of 64 KiB. */
const MEMORY_PAGES = 192 << 4;
const MAX_OBJECTS = 200_000;
const MAX_DEPTH = 64;
/** Bytes that are handed to the worker at once (1 MiB). */
const BUFFER_BYTES = 1 << 20;

/** An HDF5 file that may come from anywhere. The library runs in a worker, with limits of time and memory. */
export class Hdf5File implements OpenHdf5 {
  readonly #worker: Worker;
  readonly #state: Int32Array;
  readonly #buffer: Uint8Array;
  #settle: { resolve(value: unknown): void; reject(error: unknown): void } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failure: unknown;
  /** The step before, because the worker does one at a time. */
  #previous: Promise<unknown> = Promise.resolve();

  constructor(private readonly place: Hdf5Place) {
    const shared = new SharedArrayBuffer(8 + BUFFER_BYTES);
    this.#state = new Int32Array(shared, 0, 2);
    this.#buffer = new Uint8Array(shared, 8);
    const limits = { memoryPages: MEMORY_PAGES, maxObjects: MAX_OBJECTS, maxDepth: MAX_DEPTH };
    this.#worker = new Worker(WORKER_SOURCE, {
      eval: true,
      workerData: { library: libraryUrl(), size: place.size, shared, ...limits },
      resourceLimits: { maxOldGenerationSizeMb: 128 },
    });
    this.#worker.on("message", (message: Message) => void this.#take(message));
    this.#worker.on("error", (error) => this.#fail(this.#damaged(error.message, error)));
    this.#worker.on("exit", () => this.#fail(this.#damaged("the HDF5 library has stopped")));
    this.#worker.unref();
  }

  get size(): number {
    return this.place.size;
  }

  async datasets(options: CallOptions): Promise<readonly Hdf5Dataset[]> {
    return (await this.#run(undefined, options)) as readonly Hdf5Dataset[];
  }

  async read(task: Hdf5Slice, options: CallOptions): Promise<Uint8Array> {
    return (await this.#run(task, options)) as Uint8Array;
  }

  async close(): Promise<void> {
    this.#failure ??= new FailedPreconditionError(`${this.place.file.path} is closed: open it again`);
    await this.#worker.terminate();
    await this.place.file.close();
  }

  #run(task: Hdf5Slice | undefined, { signal }: CallOptions): Promise<unknown> {
    const run = this.#previous.then(async () => {
      throwIfAborted(signal);
      if (this.#failure !== undefined) throw this.#failure;
      this.#worker.ref();
      try {
        return await new Promise((resolve, reject) => {
          this.#settle = { resolve, reject };
          this.#watch();
          this.#worker.postMessage({ task });
        });
      } finally {
        clearTimeout(this.#timer);
        this.#settle = undefined;
        this.#worker.unref();
      }
    });
    this.#previous = run.catch(() => undefined);
    return run;
  }

  #watch(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#fail(this.#damaged(`the HDF5 library took more than ${TIME_LIMIT_MS} ms`)),
      TIME_LIMIT_MS,
    );
  }

  async #take({ position, length, result, error }: Message): Promise<void> {
    if (error !== undefined) this.#settle?.reject(this.#damaged(error));
    else if (result !== undefined) this.#settle?.resolve(result);
    else if (position !== undefined && length !== undefined) {
      // The time of the storage does not count.
      clearTimeout(this.#timer);
      try {
        const bytes = new Uint8Array(length);
        await this.place.file.readInto(this.place.start + position, [bytes]);
        this.#buffer.set(bytes);
      } catch (cause) {
        this.#fail(cause);
        return;
      }
      if (this.#settle !== undefined) this.#watch();
      Atomics.store(this.#state, 0, 1);
      Atomics.notify(this.#state, 0);
    } else if (this.#settle !== undefined) this.#watch();
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#settle?.reject(error);
    void this.#worker.terminate();
  }

  #damaged(why: string, cause?: unknown): DataLossError {
    const { path } = this.place.file;
    return new DataLossError(`${path} is damaged, or no HDF5 file: ${why}`, { path, cause });
  }
}

/** Finds the library, which is an optional peer dependency. */
function libraryUrl(): string {
  try {
    return import.meta.resolve("h5wasm");
  } catch (cause) {
    const message = "Files of Keras need the package h5wasm, which is not installed: run npm install h5wasm";
    throw new FailedPreconditionError(message, { cause });
  }
}
