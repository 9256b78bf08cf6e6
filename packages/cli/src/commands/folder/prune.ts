import { formatCount, pruneCheckpoints } from "@tfsaver/checkpoint-tools";
import { anyOf, keepBest, keepEveryNHours, keepEveryNSteps, keepLatest, type RulePolicy } from "@tfsaver/retention";
import { basename } from "@tfsaver/storage";
import type { Context } from "../../context.js";
import { finding, UsageError } from "../../errors.js";
import { requireFolder } from "../../find.js";
import { colors } from "../../output/colors.js";
import { columns } from "../../output/columns.js";
import type { JsonOption } from "../../output/json.js";
import { wholeNumber } from "../../output/numbers.js";
import { printable } from "../../output/printable.js";

/** Options of `tfckpt prune`, as typed. */
export interface PruneCommandOptions extends JsonOption {
  readonly keepLatest?: string;
  readonly keepEverySteps?: string;
  readonly keepEveryHours?: string;
  readonly best?: string;
  readonly mode: "min" | "max";
  readonly bestOf: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** `tfckpt prune`: prints which checkpoints of a folder go, and why, and removes them with `--yes`. */
export async function prune(folder: string, options: PruneCommandOptions, context: Context): Promise<void> {
  await requireFolder(folder, context);
  const policy = policyOf(options);
  const dryRun = !options.yes || (options.dryRun ?? false);
  const { stdout, storage, signal, onWarning } = context;
  const decisions = await finding(() => pruneCheckpoints(folder, { policy, dryRun, storage, signal, onWarning }));
  const count = decisions.filter(({ action }) => action === "delete").length;
  if (options.json) return stdout.json({ folder, removed: !dryRun, checkpoints: decisions });
  const { red, dim } = colors(stdout);
  const verb = dryRun ? "remove" : "removed";
  const cells = decisions.map(({ prefix, action, reason }) => [
    action === "delete" ? verb : "keep",
    printable(basename(prefix)),
    reason,
  ]);
  for (const [i, line] of columns(cells).entries()) {
    await stdout.line(line, decisions[i]?.action === "delete" ? red : undefined);
  }
  const done = dryRun ? "would be removed" : "removed";
  const hint = !dryRun || count === 0 ? "" : options.yes ? " (--dry-run)" : " (--yes removes them)";
  await stdout.line(`${formatCount(count, "checkpoint")} of ${decisions.length} ${done}${hint}`, dim);
}

function policyOf(options: PruneCommandOptions): RulePolicy {
  const { keepLatest: latest, keepEverySteps: steps, keepEveryHours: hours, best, mode } = options;
  const policies: RulePolicy[] = [];
  if (latest !== undefined) policies.push(keepLatest(whole("--keep-latest", latest)));
  if (steps !== undefined) policies.push(keepEveryNSteps(whole("--keep-every-steps", steps)));
  if (hours !== undefined) policies.push(keepEveryNHours(positive("--keep-every-hours", hours)));
  if (best !== undefined) policies.push(keepBest({ metric: best, mode, n: whole("--best-of", options.bestOf) }));
  if (policies.length > 0) return anyOf(...policies);
  throw new UsageError("say what to keep: --keep-latest, --keep-every-steps, --keep-every-hours or --best");
}

function whole(option: string, text: string): number {
  const value = wholeNumber(text, 1, Number.MAX_SAFE_INTEGER);
  if (value === undefined) throw new UsageError(`${option} takes a whole number from 1 on, not '${text}'`);
  return value;
}

function positive(option: string, text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new UsageError(`${option} takes a number above 0, not '${text}'`);
}
