import { isNumeric } from "@tfsaver/core";
import { CHUNK_BYTES, crc32c } from "@tfsaver/core/coding";
import type { CallOptions } from "@tfsaver/storage";
import type { BundleEntry } from "../encode/entry.js";
import type { OpenBundle } from "./open-bundle.js";
import { resolveRequest } from "./resolve-requests.js";
import { executePlan } from "./whole/execute-plan.js";
import { planReads } from "./whole/plan-reads.js";
import { requireChecksum } from "./whole/tensor-buffer.js";

/** Returns the entries that hold the data of a tensor: its own, or those of its slices. */
export async function storedEntries(
  { index }: OpenBundle,
  entry: BundleEntry,
  options: CallOptions | undefined,
): Promise<readonly BundleEntry[]> {
  const { stored } = await resolveRequest(index, { name: entry.name }, entry, options);
  return stored.map((part) => part.entry);
}

/**
 * Reads the data of one stored entry and compares checksums. Numbers are read in chunks, so it needs little memory.
 *
 * @param onBytes - called with the size of each chunk
 */
export async function verifyStored(
  bundle: OpenBundle,
  entry: BundleEntry,
  options: CallOptions | undefined,
  onBytes: (bytes: number) => void = () => {},
): Promise<void> {
  if (!isNumeric(entry.dtype)) {
    for await (const _ of executePlan(bundle, planReads([entry]), options));
    return;
  }
  await bundle.data.requireRoom([entry]);
  const chunk = new Uint8Array(Math.min(entry.size, CHUNK_BYTES));
  let crc = 0;
  for (let done = 0; done < entry.size; done += chunk.length) {
    const part = chunk.subarray(0, Math.min(chunk.length, entry.size - done));
    await bundle.data.readPart(entry, done, part, options);
    crc = crc32c(part, crc);
    onBytes(part.length);
  }
  requireChecksum(entry, crc, bundle.placeOf(entry));
}
