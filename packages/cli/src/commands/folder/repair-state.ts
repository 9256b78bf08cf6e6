import { formatCount, repairCheckpointState } from "@tfsaver/checkpoint-tools";
import type { Context } from "../../context.js";
import { finding } from "../../errors.js";
import { printable } from "../../output/printable.js";
import { withProgress } from "../../output/progress.js";
import { requireLocal } from "../../url-storage.js";

/** Options of `tfckpt repair-state`. */
export interface RepairStateCommandOptions {
  readonly dryRun?: boolean;
}

/**
 * `tfckpt repair-state`: prints the checkpoints that the state file of a folder names now, and where the old file is.
 */
export async function repairState(
  folder: string,
  { dryRun = false }: RepairStateCommandOptions,
  context: Context,
): Promise<void> {
  requireLocal(folder);
  const { stdout, storage, onWarning, signal } = context;
  const { file, changed, checkpoints, keptAside, verified } = await withProgress("verify", context, ({ update }) =>
    finding(() => repairCheckpointState(folder, { storage, dryRun, signal, onProgress: update })),
  );
  for (const { prefix, good } of verified.checkpoints)
    if (!good) onWarning(`${prefix} is damaged and will not be named`);
  if (!changed) return stdout.line(`${printable(file)} needs no repair`);
  await stdout.line(
    `${printable(file)} ${dryRun ? "would name" : "names"} ${formatCount(checkpoints.length, "checkpoint")}:`,
  );
  for (const path of checkpoints) await stdout.line(`  ${printable(path)}`);
  if (keptAside !== undefined)
    await stdout.line(`the old file ${dryRun ? "would be" : "is"} kept as ${printable(keptAside)}`);
}
