import { formatCount, repairCheckpointState } from "@tfsaver/checkpoint-tools";
import type { Context } from "../../context.js";
import { finding } from "../../errors.js";
import { requireFolder } from "../../find.js";
import type { JsonOption } from "../../output/json.js";
import { printable } from "../../output/printable.js";
import { withProgress } from "../../output/progress.js";

/** Options of `tfckpt repair-state`. */
export interface RepairStateCommandOptions extends JsonOption {
  readonly dryRun?: boolean;
}

/**
 * `tfckpt repair-state`: prints the checkpoints that the state file of a folder names now, and where the old file is.
 */
export async function repairState(
  folder: string,
  { dryRun = false, json }: RepairStateCommandOptions,
  context: Context,
): Promise<void> {
  await requireFolder(folder, context);
  const { stdout, storage, onWarning, signal } = context;
  const { file, changed, checkpoints, keptAside, verified } = await withProgress("verify", context, ({ update }) =>
    finding(() => repairCheckpointState(folder, { storage, dryRun, signal, onProgress: update })),
  );
  for (const { prefix, good } of verified.checkpoints)
    if (!good) onWarning(`${prefix} is damaged and will not be named`);
  if (json) return stdout.json({ file, changed, checkpoints, keptAside, dryRun });
  if (!changed) return stdout.line(`${printable(file)} needs no repair`);
  await stdout.line(
    `${printable(file)} ${dryRun ? "would name" : "names"} ${formatCount(checkpoints.length, "checkpoint")}:`,
  );
  for (const path of checkpoints) await stdout.line(`  ${printable(path)}`);
  if (keptAside !== undefined)
    await stdout.line(`the old file ${dryRun ? "would be" : "is"} kept as ${printable(keptAside)}`);
}
