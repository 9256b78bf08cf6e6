import { listCheckpoints, removeCheckpoint } from "@tfsaver/checkpoint-files";
import { lockFilename, parseShardFilespec } from "@tfsaver/checkpoint-names";
import { statedPaths } from "@tfsaver/checkpoint-state";
import { type OperationOptions, throwIfAborted, ValueError, type WarningListener } from "@tfsaver/core";
import { type CheckpointRecord, planRetention, type RulePolicy } from "@tfsaver/retention";
import { basename, dirname, type Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { forgetInState } from "./forget-in-state.js";

/** Options of {@link pruneCheckpoints}. */
export interface PruneOptions extends OperationOptions {
  /** Decides which checkpoints are kept, such as `anyOf(keepLatest(5), keepEveryNSteps(1000))`. */
  readonly policy: RulePolicy;
  /** Storage of the folder. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Change nothing, and return what would be done. Default: false. */
  readonly dryRun?: boolean | undefined;
  /** Called with warnings. Default: `console.warn`. */
  readonly onWarning?: WarningListener | undefined;
}

/** What becomes of a checkpoint. */
export interface PrunedCheckpoint {
  readonly prefix: string;
  readonly action: "keep" | "delete";
  readonly reason: string;
}

/**
 * Removes the checkpoints of a folder that a retention policy does not keep, those included that the state file does not name.
 * The state file forgets them first. Checkpoints are left alone if a saver holds their lock, if they are newer than the last one
 * that the state file names, or if they lie in another folder. Steps and metrics are those that a saver has recorded there.
 *
 * @returns the decision on each checkpoint, oldest first
 * @throws `ValueError` without a policy; `NotFoundError` if the folder does not exist; the errors of the storage.
 *
 * @example
 * ```ts
 * import { pruneCheckpoints } from "@tfsaver/checkpoint-tools";
 * import { keepLatest } from "@tfsaver/retention";
 *
 * for (const { prefix, action, reason } of await pruneCheckpoints("run", { policy: keepLatest(5), dryRun: true })) {
 *   console.log(action, prefix, reason);
 * }
 * ```
 */
export async function pruneCheckpoints(folder: string, options: PruneOptions): Promise<PrunedCheckpoint[]> {
  const { policy, storage = defaultStorage(), dryRun = false, signal, onWarning } = options;
  if (policy === undefined) throw new ValueError("policy must be a retention policy, such as keepLatest(5)");
  const decisions = await planOf(folder, policy, storage, onWarning);
  if (dryRun) return decisions.map(({ prefix, action, reason }) => ({ prefix, action, reason }));
  const removed = decisions.filter(({ action }) => action === "delete");
  throwIfAborted(signal);
  if (removed.length > 0)
    await forgetInState(
      folder,
      removed.map(({ prefix }) => prefix),
      { storage, onWarning },
    );
  for (const { prefix, format } of removed) {
    throwIfAborted(signal);
    await removeCheckpoint(prefix, { storage, onWarning, within: folder, version: format === "V2" ? 2 : 1 });
  }
  return decisions.map(({ prefix, action, reason }) => ({ prefix, action, reason }));
}

interface Decision extends PrunedCheckpoint {
  readonly format: "V1" | "V2";
}

async function planOf(
  folder: string,
  policy: RulePolicy,
  storage: Storage,
  onWarning: WarningListener | undefined,
): Promise<Decision[]> {
  const stated = await statedPaths(folder, { storage, onWarning });
  const listed = await listCheckpoints(folder, { storage, stated });
  const lastStated = listed.findLastIndex(({ inState }) => inState);
  const spared = new Map<string, string>();
  for (const [i, { prefix, modifiedMs }] of listed.entries()) {
    const reason =
      modifiedMs === undefined
        ? "the state file names it, but it has no files"
        : placeOf(prefix) !== placeOf(`${folder}/x`)
          ? "it lies in another folder"
          : lastStated >= 0 && i > lastStated
            ? "it is newer than the state file"
            : (await storage.stat(lockFilename(parseShardFilespec(prefix)?.prefix ?? prefix))) !== undefined
              ? "a saver holds its lock"
              : undefined;
    if (reason !== undefined) spared.set(prefix, reason);
  }
  const known = await recordsOf(folder, storage, onWarning);
  const records = listed
    .filter(({ prefix }) => !spared.has(prefix))
    .map(({ prefix, modifiedMs }): CheckpointRecord => {
      const record = known.get(basename(prefix));
      const time = record?.time ?? Math.floor((modifiedMs ?? 0) / 1000);
      return { path: prefix, time, step: record?.step ?? stepOf(prefix), metrics: record?.metrics };
    });
  const plan = new Map(planRetention(records, policy).map((decision) => [decision.checkpoint.path, decision]));
  return listed.map(({ prefix, format }) => {
    const reason = spared.get(prefix);
    if (reason !== undefined) return { prefix, format, action: "keep", reason };
    const decision = plan.get(prefix);
    return { prefix, format, action: decision?.action ?? "keep", reason: decision?.reason ?? "" };
  });
}

/** Returns what savers have recorded of the checkpoints of a folder, by their names. */
async function recordsOf(
  folder: string,
  storage: Storage,
  onWarning: WarningListener | undefined,
): Promise<ReadonlyMap<string, CheckpointRecord>> {
  // Only savers know their records, and a saver is much code.
  const { Saver } = await import("@tfsaver/saver");
  const saver = new Saver({ deferBuild: true, storage, onWarning });
  await saver.recoverCheckpoints(folder);
  return new Map(saver.keptCheckpoints.map((record) => [basename(record.path), record]));
}

function placeOf(path: string): string {
  return dirname(path) || ".";
}

/** Returns the step number that a prefix ends with; undefined if it ends otherwise. */
function stepOf(prefix: string): number | undefined {
  const name = parseShardFilespec(prefix)?.prefix ?? prefix;
  const digits = /-(\d{1,15})$/.exec(basename(name))?.[1];
  return digits === undefined ? undefined : Number(digits);
}
