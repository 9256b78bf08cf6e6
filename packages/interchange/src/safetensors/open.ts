import { byteLength, DataLossError, fullSlice } from "@tfsaver/core";
import { type CallOptions, type ReadableFile, readFile, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { uncarry } from "../source/carried.js";
import { explained } from "../source/explained.js";
import { fileBeside } from "../source/file-beside.js";
import { FileSource, type StoredTensor } from "../source/file-source.js";
import { isObject, parseJsonObject } from "../source/parse-json.js";
import { slicePiecesIn } from "../source/pieces.js";
import { type HeaderEntry, readHeader } from "./header.js";

/** Options of {@link openSafetensors}. */
export interface OpenSafetensorsOptions extends CallOptions {
  /** Storage to read from. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/** Bytes of the largest index that is read (64 MiB). */
const MAX_INDEX_BYTES = 64 << 20;

/**
 * Opens a safetensors file, or a set of them by its index (`model.safetensors.index.json`), as a source of tensors. Close it
 * after use.
 *
 * @returns a source whose `metadata` is the text that is stored with the tensors
 * @throws `NotFoundError` if a file does not exist; `DataLossError` if one is damaged; `UnimplementedError` for dtypes that
 * TensorFlow lacks.
 *
 * @example
 * ```ts
 * import { convertCheckpoint } from "@tfsaver/checkpoint-tools";
 * import { openSafetensors } from "@tfsaver/interchange/safetensors";
 *
 * await using source = await openSafetensors("model.safetensors");
 * await convertCheckpoint(source, "run/model.ckpt");
 * ```
 */
export function openSafetensors(path: string, options: OpenSafetensorsOptions = {}): Promise<FileSource> {
  return explained(path, options, () => openFiles(path, options));
}

async function openFiles(path: string, options: OpenSafetensorsOptions): Promise<FileSource> {
  const { storage = defaultStorage() } = options;
  const isIndex = path.endsWith(".json");
  const places = isIndex ? await placesIn(path, storage, options) : undefined;
  const paths = places === undefined ? [path] : [...new Set(places.values())];
  const files: ReadableFile[] = [];
  const close = async () => {
    for (const file of files.splice(0)) await file.close();
  };
  try {
    const tensors = new Map<string, StoredTensor>();
    const metadata: Record<string, string> = {};
    for (const [shard, name] of paths.entries()) {
      const file = await storage.open(name, options);
      files.push(file);
      const header = await readHeader(file);
      Object.assign(metadata, header.metadata);
      for (const entry of header.entries) {
        if (tensors.has(entry.name)) throw new DataLossError(`${path}: tensor ${entry.name} is in two files`, { path });
        tensors.set(entry.name, storedTensor(entry, file, shard));
      }
    }
    for (const [name, file] of places ?? []) {
      if (paths[tensors.get(name)?.info.shard ?? -1] === file) continue;
      throw new DataLossError(`${path} is damaged: it names tensor ${name} in ${file}, which lacks it`, { path });
    }
    const apart = uncarry(metadata, path);
    const all = isIndex ? [path, ...paths] : paths;
    return new FileSource(all, [...tensors.values(), ...apart.tensors], apart.metadata, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function storedTensor({ name, dtype, shape, offset }: HeaderEntry, file: ReadableFile, shard: number): StoredTensor {
  const info = { name, dtype, shape, size: byteLength(dtype, shape), slices: [], shard };
  const read = (start: number, target: Uint8Array, { signal }: CallOptions) =>
    file.readInto(offset + start, [target], { signal });
  return {
    info,
    pieces: (options) => slicePiecesIn(info, fullSlice(shape.length), read, options),
    slicePieces: (slice, options) => slicePiecesIn(info, slice, read, options),
    locate: async () => ({ path: file.path, offset, length: info.size }),
  };
}

/** Reads the file of each tensor from an index. They are beside it, whatever the index says. */
async function placesIn(path: string, storage: Storage, options: CallOptions): Promise<ReadonlyMap<string, string>> {
  const size = (await storage.stat(path))?.size ?? 0;
  if (size > MAX_INDEX_BYTES) throw new DataLossError(`${path} has ${size} bytes; 64 MiB are possible`, { path });
  const { weight_map: map } = parseJsonObject(await readFile(storage, path, options), path);
  if (!isObject(map)) throw new DataLossError(`${path} is not an index of safetensors: it has no weight_map`, { path });
  return new Map(Object.entries(map).map(([name, file]) => [name, fileBeside(path, file)]));
}
