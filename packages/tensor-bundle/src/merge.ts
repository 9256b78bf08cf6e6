import { dataFilename, indexFilename } from "@tfsaver/checkpoint-names";
import { BundleEntryProto } from "@tfsaver/checkpoint-proto/bundle";
import {
  InternalError,
  InvalidArgumentError,
  isCheckpointError,
  type OperationOptions,
  throwIfAborted,
} from "@tfsaver/core";
import type { CommitOptions } from "@tfsaver/storage";
import { createDirectoryIfMissing, dirname, type Storage, storageAt } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { commitBundle } from "./commit.js";
import { decodeEntry } from "./encode/entry.js";
import type { BundleHeader } from "./encode/header.js";
import { keyToName } from "./encode/index-keys.js";
import { BundleIndex } from "./read/bundle-index.js";
import { encodeIndex, type IndexRow, writeIndex } from "./write/write-index.js";

/** Options of {@link mergeBundles}. */
export interface MergeBundlesOptions extends OperationOptions, CommitOptions {
  /** The storage of all checkpoints. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** True to skip prefixes that do not exist; at least one must. Default: false. */
  readonly allowMissingFiles?: boolean | undefined;
  /** True to remove the folders of the prefixes afterwards, if they are empty. Default: true. */
  readonly deleteOldDirs?: boolean | undefined;
}

/**
 * Joins checkpoints into one (TensorFlow's `MergeV2Checkpoints`). Data files are renamed, never copied; their entries go into
 * one new index, and the old indexes are removed.
 *
 * @param prefixes - the checkpoints to join; their order decides the numbers of the data files
 * @throws `InvalidArgumentError` if a prefix is missing, versions or byte orders differ, or two of them have the same tensor;
 * `InternalError` if a tensor is whole in one and sliced in another; `DataLossError` if an index is damaged. Nothing was
 * renamed then.
 * @example
 * ```ts
 * import type { Storage } from "@tfsaver/storage";
 * import { mergeBundles } from "@tfsaver/tensor-bundle";
 *
 * export async function joinShards(storage: Storage) {
 *   await mergeBundles(["model_temp/part-0", "model_temp/part-1"], "model", { storage });
 * }
 * ```
 */
export async function mergeBundles(
  prefixes: readonly string[],
  destination: string,
  options: MergeBundlesOptions = {},
): Promise<void> {
  const storage = storageAt(options.staging ?? options.storage ?? defaultStorage(), destination);
  const folder = dirname(destination);
  if (folder !== "") await createDirectoryIfMissing(storage, folder);
  const merger = new Merger();
  const merged: string[] = [];
  for (const prefix of prefixes) {
    throwIfAborted(options.signal);
    const index = await openIndex(storage, prefix, options);
    if (index === undefined) continue;
    try {
      await merger.add(prefix, index);
    } finally {
      await index.close();
    }
    merged.push(prefix);
  }
  const { header, rows, dataFiles } = merger.finish();
  const { table } = await encodeIndex(header, rows);
  const index = await writeIndex(storage, destination, table.bytes);
  try {
    await commitBundle(storage, destination, dataFiles, index, options);
  } catch (error) {
    await index.discard();
    throw error;
  }
  await removeOld(storage, merged, folder, options.deleteOldDirs ?? true);
}

async function openIndex(
  storage: Storage,
  prefix: string,
  options: MergeBundlesOptions,
): Promise<BundleIndex | undefined> {
  try {
    return await BundleIndex.open(storage, prefix, options);
  } catch (cause) {
    if (!isCheckpointError(cause, "NotFoundError")) throw cause;
    if (options.allowMissingFiles) return undefined;
    throw new InvalidArgumentError(`allow_missing_files was set to false and ${prefix} did not exist.`, {
      path: indexFilename(prefix),
      cause,
    });
  }
}

/** Removes the merged indexes and their folders. Best effort: leftovers do no harm, so errors are ignored. */
async function removeOld(
  storage: Storage,
  prefixes: readonly string[],
  folder: string,
  folders: boolean,
): Promise<void> {
  for (const prefix of prefixes) await storage.remove(indexFilename(prefix)).catch(() => undefined);
  if (!folders) return;
  for (const old of new Set(prefixes.map(dirname))) {
    if (old !== folder) await storage.removeDirectory(old).catch(() => undefined);
  }
}

/** Collects the entries of several bundles. */
class Merger {
  #header: BundleHeader | undefined;
  #numShards = 0;
  readonly #rows = new Map<string, { readonly key: Uint8Array; readonly entry: BundleEntryProto }>();
  /** Paths of the data files, each with its new number. */
  readonly #dataFiles = new Map<string, number>();

  async add(prefix: string, index: BundleIndex): Promise<void> {
    const { header } = index;
    this.#requireAlike(header);
    this.#numShards += header.numShards;
    for await (const { key, value, offset } of index.rows()) {
      const id = String(key);
      // Check the entry: a damaged one must not get into the new index.
      decodeEntry(keyToName(key) ?? id, value, { path: index.path, offset });
      const entry = BundleEntryProto.decode(value);
      const known = this.#rows.get(id)?.entry;
      if (known !== undefined) this.#join(known, entry, key, prefix);
      else {
        entry.shardId = this.#newShard(dataFilename(prefix, entry.shardId, header.numShards));
        this.#rows.set(id, { key, entry });
      }
    }
  }

  finish() {
    if (this.#header === undefined) {
      throw new InvalidArgumentError("At least one prefix checkpoint file must exist, but none existed.");
    }
    const { endianness, version } = this.#header;
    const rows: IndexRow[] = [...this.#rows.values()].map(({ key, entry }) => ({
      key,
      entry: BundleEntryProto.encode(entry),
    }));
    return {
      header: { numShards: this.#numShards, endianness, version },
      rows,
      dataFiles: [...this.#dataFiles.keys()],
    };
  }

  #requireAlike(header: BundleHeader): void {
    this.#header ??= header;
    if (this.#header.endianness !== header.endianness) {
      throw new InvalidArgumentError("Merging bundles with conflicting endianness; inputs corrupted?");
    }
    if (versionText(this.#header) !== versionText(header)) {
      throw new InvalidArgumentError("Merging bundles with different format versions");
    }
  }

  /** Adds the slices of an entry to the known entry of the same tensor. */
  #join(known: BundleEntryProto, entry: BundleEntryProto, key: Uint8Array, prefix: string): void {
    const name = keyToName(key) ?? String(key);
    if (known.slices.length === 0) {
      throw new InvalidArgumentError(`Duplicate tensor keyed by ${name} encountered, when merging prefix: ${prefix}`, {
        tensor: name,
      });
    }
    if (entry.slices.length === 0) {
      throw new InternalError(`Duplicate tensor keyed by ${name}; attempting to merge in a non-slice bundle entry`, {
        tensor: name,
      });
    }
    if (known.dtype !== entry.dtype || dims(known) !== dims(entry)) {
      throw new InvalidArgumentError(
        `Slices of ${name} in ${prefix} have another dtype or full shape than in the prefixes before`,
        { tensor: name },
      );
    }
    known.slices = known.slices.concat(entry.slices);
  }

  #newShard(file: string): number {
    const known = this.#dataFiles.get(file);
    if (known !== undefined) return known;
    const shard = this.#dataFiles.size;
    this.#dataFiles.set(file, shard);
    return shard;
  }
}

function versionText({ version }: BundleHeader): string {
  return [version.producer, version.minConsumer, ...version.badConsumers].join(" ");
}

function dims({ shape }: BundleEntryProto): string {
  return shape?.dim.map(({ size }) => size).join(" ") ?? "";
}
