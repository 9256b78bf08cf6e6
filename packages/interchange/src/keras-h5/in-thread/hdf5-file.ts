import { DataLossError, FailedPreconditionError, ResourceExhaustedError, throwIfAborted } from "@tfsaver/core";
import type { CallOptions } from "@tfsaver/storage";
import type { Dataset, File, Group } from "h5wasm";
import type { Hdf5Place } from "../hdf5-place.js";
import type { Hdf5Dataset, Hdf5Slice, OpenHdf5 } from "../hdf5-types.js";

type Library = typeof import("h5wasm");

/** Largest file that is read into memory (1 GiB). */
export const MAX_FILE_BYTES = 1 << 30;
const MAX_OBJECTS = 200_000;
const MAX_DEPTH = 64;
/** Bytes that are read at once (8 MiB). */
const CHUNK_BYTES = 8 << 20;

let files = 0;

/** An HDF5 file that may come from anywhere. It is read whole, because the library reads synchronously. */
export class Hdf5File implements OpenHdf5 {
  #opened: Promise<{ readonly library: Library; readonly file: File; readonly name: string }> | undefined;
  #isClosed = false;

  constructor(private readonly place: Hdf5Place) {}

  get size(): number {
    return this.place.size;
  }

  async datasets(options: CallOptions): Promise<readonly Hdf5Dataset[]> {
    const { file } = await this.#open(options);
    return this.#run(() => listDatasets(file));
  }

  async read(task: Hdf5Slice, options: CallOptions): Promise<Uint8Array> {
    const { library, file } = await this.#open(options);
    return this.#run(() => readSlice(library, file, task));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const opened = await this.#opened?.catch(() => undefined);
    opened?.file.close();
    const { FS } = (await opened?.library.ready) ?? {};
    if (opened !== undefined) FS?.unlink(opened.name);
    await this.place.file.close();
  }

  async #open(options: CallOptions) {
    const { path } = this.place.file;
    if (this.#isClosed) throw new FailedPreconditionError(`${path} is closed: open it again`, { path });
    this.#opened ??= this.#load(options);
    try {
      return await this.#opened;
    } catch (error) {
      this.#opened = undefined;
      throw error;
    }
  }

  async #load(options: CallOptions) {
    const { file, start, size } = this.place;
    const { path } = file;
    if (size > MAX_FILE_BYTES) {
      throw new ResourceExhaustedError(`${path} has ${size} bytes; an HDF5 file of up to 1 GiB can be read here`, {
        path,
      });
    }
    const library = await loadLibrary();
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at += CHUNK_BYTES) {
      throwIfAborted(options.signal);
      await file.readInto(start + at, [bytes.subarray(at, at + CHUNK_BYTES)], options);
    }
    const { FS } = await library.ready;
    const name = `/file-${++files}.h5`;
    FS.writeFile(name, bytes);
    return this.#run(() => {
      const opened = new library.File(name, "r");
      if (opened.file_id < 0n) throw new Error("its end is missing, or its start is damaged: copy it again");
      return { library, file: opened, name };
    });
  }

  /** Runs the library. Whatever it throws means that the file is damaged. */
  #run<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      const { path } = this.place.file;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new DataLossError(`${path} is damaged, or no HDF5 file: ${why}`, { path, cause });
    }
  }
}

async function loadLibrary(): Promise<Library> {
  try {
    return await import("h5wasm");
  } catch (cause) {
    const message = "Files of Keras need the package h5wasm, which is not installed: run npm install h5wasm";
    throw new FailedPreconditionError(message, { cause });
  }
}

function listDatasets(file: File): Hdf5Dataset[] {
  const found: Hdf5Dataset[] = [];
  let objects = 0;
  const visit = (group: Group, path: string, depth: number): void => {
    if (depth > MAX_DEPTH) throw new Error("its groups are nested too deeply");
    for (const key of group.keys()) {
      if (++objects > MAX_OBJECTS) throw new Error("it has too many objects");
      const name = path === "" ? key : `${path}/${key}`;
      const item = group.get(key);
      if (item === null || !("type" in item)) continue;
      if (item.type === "Group") visit(item as Group, name, depth + 1);
      else if (item.type === "Dataset") found.push(describe(name, item as Dataset));
    }
  };
  visit(file, "", 0);
  return found;
}

function describe(name: string, dataset: Dataset): Hdf5Dataset {
  const { type, size, signed, littleEndian, shape, chunks, enum_type } = dataset.metadata;
  const kind = dataset.attrs.dtype?.value;
  const members = enum_type ? Object.keys(enum_type.members).sort().join() : undefined;
  return {
    ...{ name, type, size, signed, littleEndian, shape, chunks, members },
    kind: typeof kind === "string" ? kind : undefined,
  };
}

function readSlice(library: Library, file: File, { name, offset, count, bytes }: Hdf5Slice): Uint8Array {
  const { Module } = library;
  const pointer = Module._malloc(bytes);
  if (pointer === 0) throw new Error(`there is not enough memory for ${bytes} bytes`);
  try {
    const big = (numbers: readonly number[]) => (numbers.length === 0 ? null : numbers.map(BigInt));
    const strides = big(count.map(() => 1));
    const status = Module.get_dataset_data(file.file_id, `/${name}`, big(count), big(offset), strides, BigInt(pointer));
    if (status < 0) throw new Error(`the dataset ${name} can't be read`);
    return Module.HEAPU8.slice(pointer, pointer + bytes);
  } finally {
    Module._free(pointer);
  }
}
