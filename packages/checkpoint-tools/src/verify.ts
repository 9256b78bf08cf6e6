import { diagnoseCheckpoint, identifyFile, resolvePrefix } from "@tfsaver/checkpoint-reader";
import { type OperationOptions, throwIfAborted } from "@tfsaver/core";
import type { FileProblem, VerifyReport } from "@tfsaver/core/slices";
import { verifySlices } from "@tfsaver/saved-tensor-slices";
import type { Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { bundleExists, verifyBundle } from "@tfsaver/tensor-bundle";

/** Options of {@link verifyCheckpoint}. */
export interface VerifyOptions extends OperationOptions {
  /** Storage to read from. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
}

/** Result of {@link verifyCheckpoint}. */
export interface CheckpointReport extends VerifyReport {
  readonly prefix: string;
  /** True if nothing is damaged. */
  readonly good: boolean;
}

/**
 * Verifies a checkpoint of either format: reads every block and every tensor, compares every checksum, and reports all
 * problems with their file and, if known, offset. A file of another kind, such as a Git LFS pointer, is one problem. Numeric
 * tensors are read in pieces, so it needs little memory.
 *
 * @param path - a prefix, or any file of the checkpoint, as `openCheckpoint` takes it
 * @throws `NotFoundError` if the checkpoint does not exist; the errors of the storage. Damage is reported, not thrown.
 *
 * @example
 * ```ts
 * import { verifyCheckpoint } from "@tfsaver/checkpoint-tools";
 *
 * const { good, problems } = await verifyCheckpoint("run/model.ckpt-7");
 * if (!good) for (const { path, offset, message } of problems) console.log(path, offset, message);
 * ```
 */
export async function verifyCheckpoint(path: string, options: VerifyOptions = {}): Promise<CheckpointReport> {
  throwIfAborted(options.signal);
  const storage = options.storage ?? defaultStorage();
  const prefix = (await resolvePrefix(path, { storage })) ?? path;
  const isV2 = await bundleExists(storage, prefix);
  const report = await (isV2 ? verifyBundle : verifySlices)(prefix, options);
  // A file of the other format can look like an empty checkpoint.
  const mayBeEmpty = isV2 && report.tensors === 0;
  const isDoubtful = report.problems.length > 0 || mayBeEmpty;
  const problems = isDoubtful ? await nameForeignFiles(report.problems, prefix, { ...options, storage }) : [];
  return { ...report, prefix, good: problems.length === 0, problems };
}

/** Replaces the problems of each file that is of another kind by one that says what the file is. */
async function nameForeignFiles(
  problems: readonly FileProblem[],
  prefix: string,
  options: VerifyOptions & { readonly storage: Storage },
): Promise<readonly FileProblem[]> {
  const kinds = new Map<string, string>();
  for (const path of new Set(problems.map((problem) => problem.path))) {
    const identified = await identifyFile(path, options.storage).catch(() => undefined);
    if (identified !== undefined && identified.kind !== "checkpoint-index") kinds.set(path, identified.description);
  }
  // A diagnosis takes as long as a listing.
  if (problems.length > 0 && kinds.size === 0) return problems;
  const findings = await diagnoseCheckpoint(prefix, options);
  const said = findings.filter(({ path, message }) => {
    const kind = kinds.get(path);
    return problems.length === 0 || (kind !== undefined && message.includes(kind));
  });
  const named = new Map(said.map((finding) => [finding.path, finding]));
  return [...named.values(), ...problems.filter(({ path }) => !named.has(path))];
}
