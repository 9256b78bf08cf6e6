import { checkpointIdentity } from "@tfsaver/checkpoint-files";
import { isCausedByFiles } from "@tfsaver/checkpoint-reader";
import type { OperationOptions, WarningListener } from "@tfsaver/core";
import type { Session } from "@tfsaver/graph";
import type { KeptCheckpoint } from "@tfsaver/retention";
import type { Storage } from "@tfsaver/storage";
import type { ManagedSaver } from "../managed-saver.js";
import { findCandidates, type PassedOver, stepOfName } from "./candidates.js";

/** Parts of a manager that a restore works with. */
export interface RestoringParts {
  readonly saver: ManagedSaver;
  readonly session: Session | null;
  readonly directory: string;
  readonly prefix: string;
  readonly storage: Storage;
  readonly onWarning: WarningListener;
}

/** The checkpoint that was restored, and those that were not. */
export interface RestoredNewest {
  /** Prefix of the restored checkpoint; undefined if there was none to restore. */
  readonly path: string | undefined;
  /** Step of the restored checkpoint; 0 without one, or if it has none. */
  readonly step: number;
  /** Damaged or incomplete files: newer checkpoints than the restored one, and the state file. Usually empty. */
  readonly passedOver: readonly PassedOver[];
}

/**
 * Restores the newest checkpoint that can be restored, and takes the damaged ones off the saver's list.
 *
 * @throws the error of the first restore that fails for another reason than damaged or missing files; the storage's errors.
 */
export async function restoreNewest(parts: RestoringParts, options: OperationOptions): Promise<RestoredNewest> {
  const { saver, session, directory, storage, onWarning } = parts;
  const { paths, damaged } = await findCandidates(directory, parts);
  const passedOver: PassedOver[] = [...damaged];
  for (const path of paths) {
    try {
      await saver.restore(session, path, options);
    } catch (error) {
      if (!(await isCausedByFiles(error, path, { storage, signal: options.signal }))) throw error;
      passedOver.push({ path, reason: (error as Error).message });
      continue;
    }
    const record = (await recordsOf([path], saver.keptCheckpoints, storage))[0];
    await forget(passedOver, saver, storage);
    if (passedOver.length > 0) onWarning(passedOverWarning(path, passedOver));
    return { path, step: record?.step ?? stepOfName(path), passedOver };
  }
  await forget(passedOver, saver, storage);
  return { path: undefined, step: 0, passedOver };
}

async function forget(passedOver: readonly PassedOver[], saver: ManagedSaver, storage: Storage): Promise<void> {
  if (passedOver.length === 0) return;
  const paths = passedOver.map(({ path }) => path);
  const records = await recordsOf(paths, saver.keptCheckpoints, storage);
  saver.forgetCheckpoints(records.map(({ path }) => path));
}

/** Returns the records of some checkpoints, whatever the spelling of their paths. */
async function recordsOf(
  paths: readonly string[],
  records: readonly KeptCheckpoint[],
  storage: Storage,
): Promise<KeptCheckpoint[]> {
  const wanted = new Set(await Promise.all(paths.map((path) => checkpointIdentity(path, storage))));
  const identities = await Promise.all(records.map(({ path }) => checkpointIdentity(path, storage)));
  return records.filter((_, i) => wanted.has(identities[i] as string));
}

function passedOverWarning(path: string, passedOver: readonly PassedOver[]): string {
  const reasons = passedOver.map((one) => `${one.path}: ${one.reason}`);
  return (
    `GOING ON FROM AN OLDER CHECKPOINT, OR WITHOUT ITS STATE FILE: ${path}, the newest one that can be restored. ` +
    `Damaged files stay where they are. Passed over:\n${reasons.join("\n")}`
  );
}
