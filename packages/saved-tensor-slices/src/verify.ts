import { finalFilename, parseCheckpointFilename, shardFilename } from "@tfsaver/checkpoint-names";
import {
  byteLength,
  type FileProblem,
  isCheckpointError,
  isNumeric,
  problemOf,
  sliceShape,
  tensorStrings,
  throwIfAborted,
  type VerifyReport,
} from "@tfsaver/core";
import { type SlicesEntry, SlicesReader, type SlicesReaderOptions } from "./slices-reader.js";

/**
 * Reads every block and every part of every tensor of a V1 checkpoint. Goes on after a fault, so that all are found.
 *
 * @throws `NotFoundError` if no file matches, and the storage's errors; faults in the files are reported, not thrown.
 */
export async function verifySlices(pattern: string, options: SlicesReaderOptions = {}): Promise<VerifyReport> {
  const problems: FileProblem[] = [];
  let reader: SlicesReader;
  try {
    reader = await SlicesReader.open(pattern, options);
  } catch (error) {
    if (isCheckpointError(error, "NotFoundError")) throw error;
    return { tensors: 0, bytes: 0, problems: [problemOf(error, pattern)] };
  }
  try {
    for (const problem of absentShards(reader.paths)) problems.push(problem);
    for await (const error of reader.damagedBlocks(options)) problems.push(problemOf(error, pattern));
    const entries = reader.entries();
    const total = entries.reduce((sum, entry) => sum + knownBytes(entry), 0);
    let done = 0;
    let tensors = 0;
    let bytes = 0;
    for (const entry of entries) {
      throwIfAborted(options.signal);
      try {
        bytes += await verifyTensor(reader, entry, options);
        tensors++;
      } catch (error) {
        problems.push({ ...problemOf(error, pattern), tensor: entry.name });
      }
      done += knownBytes(entry);
      options.onProgress?.({ done, total, tensor: entry.name });
    }
    return { tensors, bytes, problems };
  } finally {
    await reader.close();
  }
}

/** The shards that should lie beside those that were found: files name how many there are of them. */
function absentShards(paths: readonly string[]): FileProblem[] {
  const shards = paths
    .map((path) => parseCheckpointFilename(path))
    .filter(({ role, stage, numShards }) => role === "slices" && stage !== "temporary" && numShards !== undefined);
  const found = new Set(shards.map(finalFilename));
  const sets = new Map(
    shards.map(({ prefix, numShards = 0 }) => [shardFilename(prefix, 0, numShards), { prefix, numShards }]),
  );
  const problems: FileProblem[] = [];
  for (const { prefix, numShards } of sets.values()) {
    if (numShards > MAX_LISTED) continue;
    for (let shard = 0; shard < numShards; shard++) {
      const path = shardFilename(prefix, shard, numShards);
      if (!found.has(path)) problems.push({ path, message: "this shard of the checkpoint is missing" });
    }
  }
  return problems;
}

/** Largest number of shards of which the absent ones are listed: a file name can claim 2³¹. */
const MAX_LISTED = 99_999;

/** Bytes of a tensor's values as far as they are known without reading them. */
function knownBytes({ dtype, shape }: SlicesEntry): number {
  return isNumeric(dtype) ? byteLength(dtype, shape) : 0;
}

/** Reads all parts of a tensor one at a time, and makes sure that together they are all of it. */
async function verifyTensor(reader: SlicesReader, entry: SlicesEntry, options: SlicesReaderOptions): Promise<number> {
  const { name, dtype, shape, parts } = entry;
  // Planning takes all parts, and so makes sure that they are all of it.
  reader.plan(name);
  let bytes = 0;
  for (const part of parts) {
    const tensor = await reader.readPart(name, part, options);
    bytes += isNumeric(dtype)
      ? byteLength(dtype, sliceShape(shape, part.slice))
      : tensorStrings(tensor).reduce((sum, item) => sum + item.length, 0);
  }
  return bytes;
}
