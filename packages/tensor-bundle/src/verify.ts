import { indexFilename } from "@tfsaver/checkpoint-names";
import { CheckpointError, DataLossError, isCheckpointError } from "@tfsaver/core";
import { type FileProblem, problemOf, type VerifyReport, verifyEach } from "@tfsaver/core/slices";
import type { CallOptions } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import type { BundleEntry } from "./encode/entry.js";
import type { BundleReaderOptions } from "./read/bundle-reader.js";
import { OpenBundle } from "./read/open-bundle.js";
import { storedEntries, verifyStored } from "./read/verify-entry.js";
import { byPlace } from "./read/whole/plan-reads.js";

/** Number of problems in an index after which the rest of it is not read. Only a hostile index has so many. */
const MAX_PROBLEMS = 10_000;

/**
 * Reads every block and every tensor of a V2 checkpoint and compares all checksums. Continues after a fault, so that the
 * report lists all of them.
 *
 * @throws `NotFoundError` if there is no such checkpoint, and the storage's errors. Faults in the files are reported, not
 * thrown.
 * @example
 * ```ts
 * import { verifyBundle } from "@tfsaver/tensor-bundle";
 *
 * const { tensors, problems } = await verifyBundle("fixtures/goldens/v2-with-meta/model.ckpt-7");
 * console.log(`${tensors} tensors are good`);
 * for (const { path, message } of problems) console.log(path, message);
 * ```
 */
export async function verifyBundle(prefix: string, options: BundleReaderOptions = {}): Promise<VerifyReport> {
  let bundle: OpenBundle;
  try {
    bundle = await OpenBundle.open(options.storage ?? defaultStorage(), prefix, options);
  } catch (error) {
    if (isCheckpointError(error, "NotFoundError")) throw error;
    return { tensors: 0, bytes: 0, problems: [problemOf(error, indexFilename(prefix))] };
  }
  try {
    return await verifyOpen(bundle, options);
  } finally {
    await bundle.close();
  }
}

async function verifyOpen(bundle: OpenBundle, options: BundleReaderOptions): Promise<VerifyReport> {
  const { index, data, prefix } = bundle;
  const problems: FileProblem[] = [];
  const entries: BundleEntry[] = [];
  for await (const item of index.entriesOrErrors(options)) {
    if (item instanceof CheckpointError) problems.push(problemOf(item, indexFilename(prefix)));
    else entries.push(item);
    if (problems.length === MAX_PROBLEMS) break;
  }
  entries.sort(byPlace);
  const sizes = new Map<BundleEntry, number>();
  // An entry whose size can't be found is reported when it is verified.
  for (const entry of entries) sizes.set(entry, await index.storedSize(entry, options).catch(() => 0));
  const claims = new Map<number, number>();
  const verification = {
    sizeOf: (entry: BundleEntry) => sizes.get(entry) ?? 0,
    verify: (entry: BundleEntry, onBytes: (bytes: number) => void) =>
      verifyTensor(bundle, entry, claims, options, onBytes),
    pathOf: ({ shard }: BundleEntry) => data.filename(shard),
  };
  return verifyEach(entries, verification, problems, options);
}

/** Verifies a tensor, all its slices included, and returns the number of bytes read. */
async function verifyTensor(
  bundle: OpenBundle,
  entry: BundleEntry,
  claims: Map<number, number>,
  options: CallOptions,
  onBytes: (bytes: number) => void,
): Promise<number> {
  const stored = await storedEntries(bundle, entry, options);
  for (const part of [...stored].sort(byPlace)) await claim(bundle, entry.name, part, claims);
  let bytes = 0;
  for (const part of stored) {
    await verifyStored(bundle, part, options, onBytes);
    bytes += part.size;
  }
  return bytes;
}

/**
 * Adds up the bytes of each data file that entries claim. If they claim more than the file has, some share bytes. No writer
 * does that, but a small hostile index could so have a file read any number of times.
 *
 * @param claims - bytes claimed so far, by data file
 */
async function claim(
  { data }: OpenBundle,
  tensor: string,
  { shard, offset, size }: BundleEntry,
  claims: Map<number, number>,
): Promise<void> {
  if (size === 0) return;
  const fileSize = await data.size(shard);
  // Bytes beyond the end are not read, so they do not count; verifying reports that the file is truncated.
  if (offset + size > fileSize) return;
  const total = size + (claims.get(shard) ?? 0);
  claims.set(shard, total);
  if (total <= fileSize) return;
  const path = data.filename(shard);
  throw new DataLossError(
    `${path}: tensor ${tensor} shares bytes with others: together they claim more than the file has`,
    {
      path,
      offset,
      tensor,
    },
  );
}
