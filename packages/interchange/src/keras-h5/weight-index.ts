import { DataLossError } from "@tfsaver/core";
import { type CallOptions, readFile, type Storage } from "@tfsaver/storage";
import { fileBeside } from "../source/file-beside.js";
import { isObject, parseJsonObject } from "../source/parse-json.js";

/** Bytes of the largest index that is read (64 MiB). */
const MAX_INDEX_BYTES = 64 << 20;

/** The groups of datasets that each file of a set holds, by the path of the file. */
export type WeightIndex = ReadonlyMap<string, ReadonlySet<string>>;

/** True if a path is that of an index, which `save_weights` writes with `max_shard_size`. */
export function isWeightIndex(path: string): boolean {
  return path.endsWith(".json");
}

/**
 * Reads the index of weights that Keras has saved in several files: `{"weight_map": {"/layers/dense/vars": "m_00000.weights.h5"}}`.
 * A group may be in a list of files.
 *
 * @throws `NotFoundError` if it does not exist; `DataLossError` if it is damaged, or names files elsewhere.
 */
export async function readWeightIndex(path: string, storage: Storage, options: CallOptions): Promise<WeightIndex> {
  const size = (await storage.stat(path))?.size ?? 0;
  if (size > MAX_INDEX_BYTES) throw new DataLossError(`${path} has ${size} bytes; 64 MiB are possible`, { path });
  const { weight_map: map } = parseJsonObject(await readFile(storage, path, options), path);
  if (!isObject(map)) throw new DataLossError(`${path} is no index of Keras' weights: it has no weight_map`, { path });
  const groups = new Map<string, Set<string>>();
  for (const [group, names] of Object.entries(map)) {
    for (const name of Array.isArray(names) ? names : [names]) {
      const file = fileBeside(path, name);
      groups.set(file, (groups.get(file) ?? new Set()).add(group.replace(/^\//, "")));
    }
  }
  return groups;
}
