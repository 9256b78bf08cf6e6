import { indexFilename } from "@tfsaver/checkpoint-names";
import {
  CheckpointError,
  DataLossError,
  type FileProblem,
  isCheckpointError,
  problemOf,
  throwIfAborted,
  type VerifyReport,
} from "@tfsaver/core";
import { BundleReader, type BundleReaderOptions } from "./bundle-reader.js";
import type { BundleEntry } from "./entry.js";

/**
 * Reads every block and every tensor of a V2 checkpoint and compares every checksum. Goes on after a fault, so that
 * all are found.
 *
 * @throws `NotFoundError` if there is no such checkpoint, and the storage's errors; faults in the files are reported,
 * not thrown.
 */
export async function verifyBundle(prefix: string, options: BundleReaderOptions = {}): Promise<VerifyReport> {
  const problems: FileProblem[] = [];
  let reader: BundleReader;
  try {
    reader = await BundleReader.open(prefix, options);
  } catch (error) {
    if (isCheckpointError(error, "NotFoundError")) throw error;
    return { tensors: 0, bytes: 0, problems: [problemOf(error, indexFilename(prefix))] };
  }
  try {
    const entries: BundleEntry[] = [];
    for await (const item of reader.entriesOrErrors(options)) {
      if (item instanceof CheckpointError) problems.push(problemOf(item, indexFilename(prefix)));
      else entries.push(item);
    }
    entries.sort((a, b) => a.shard - b.shard || a.offset - b.offset);
    // What keeps a size from being known is reported when the tensor is verified.
    const sizes = new Map<BundleEntry, number>();
    for (const entry of entries) sizes.set(entry, await reader.storedSize(entry, options).catch(() => 0));
    const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    const claims = new Map<number, number>();
    let done = 0;
    let tensors = 0;
    let bytes = 0;
    for (const entry of entries) {
      throwIfAborted(options.signal);
      try {
        await claim(reader, entry, claims, options);
        bytes += await reader.verify(entry, options);
        tensors++;
      } catch (error) {
        problems.push({ ...problemOf(error, reader.dataFilename(entry)), tensor: entry.name });
      }
      done += sizes.get(entry) ?? 0;
      options.onProgress?.({ done, total, tensor: entry.name });
    }
    return { tensors, bytes, problems };
  } finally {
    await reader.close();
  }
}

/**
 * Adds up how many bytes of each data file tensors say are theirs. More than it has would be shared, which no writer
 * does, but by which a small index could have a file read any number of times.
 *
 * @param claims - bytes by data file, so far
 */
async function claim(
  reader: BundleReader,
  { name }: BundleEntry,
  claims: Map<number, number>,
  options: BundleReaderOptions,
): Promise<void> {
  for (const { shard, offset, entries } of await reader.plan([{ name }], options)) {
    const fileSize = await reader.dataSize(shard);
    // What lies behind the file's end is not read; that the file is cut short is found by verifying.
    const inside = entries.filter((part) => part.offset + part.size <= fileSize);
    const total = inside.reduce((sum, part) => sum + part.size, claims.get(shard) ?? 0);
    claims.set(shard, total);
    if (total <= fileSize) continue;
    const path = reader.dataFilename(entries[0] as BundleEntry);
    throw new DataLossError(
      `${path}: tensor ${name} shares its bytes, or others do: together they have more than the file`,
      {
        path,
        offset,
        tensor: name,
      },
    );
  }
}
