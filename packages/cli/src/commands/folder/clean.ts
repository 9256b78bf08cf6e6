import { type Debris, findDebris, removeDebris } from "@tfsaver/checkpoint-files";
import { formatBytes, formatCount } from "@tfsaver/checkpoint-tools/printing";
import type { Context } from "../../context.js";
import { finding, UsageError } from "../../errors.js";
import { requireFolder } from "../../find.js";
import type { JsonOption } from "../../output/json.js";
import { printable } from "../../output/printable.js";

/** Options of `tfckpt clean`, as typed. */
export interface CleanOptions extends JsonOption {
  readonly dryRun?: boolean;
  readonly allTemporary?: boolean;
  readonly olderThan: string;
}

/** `tfckpt clean`: removes the leftovers of interrupted saves, and prints a line for each. */
export async function clean(folder: string, options: CleanOptions, context: Context): Promise<void> {
  if (!/^\d{1,9}$/.test(options.olderThan)) {
    throw new UsageError(`--older-than takes a whole number of seconds, not '${options.olderThan}'`);
  }
  await requireFolder(folder, context);
  const { storage, stdout } = context;
  const { dryRun = false, allTemporary = false } = options;
  const olderThan = Number(options.olderThan);
  const look = dryRun ? findDebris : removeDebris;
  const debris = await finding(() => look(folder, { storage, olderThan, allTemporary }));
  const young = (await findDebris(folder, { storage, olderThan: 0, allTemporary })).filter(
    ({ path }) => !debris.some((item) => item.path === path),
  );
  const named = allTemporary ? [] : await findDebris(folder, { storage, olderThan, allTemporary: true });
  const left = named.filter(({ isRecognized }) => !isRecognized);
  if (options.json) {
    const items = debris.map(({ path, kind, action, size }) => ({ path, kind, action, size }));
    const paths = (left: readonly Debris[]) => left.map(({ path }) => path);
    return stdout.json({ folder, items, young: paths(young), left: paths(left), dryRun });
  }
  for (const item of debris) await stdout.line(lineOf(item, dryRun));
  const size = debris.reduce((sum, item) => sum + item.size, 0);
  const done = dryRun ? "to clean" : "cleaned";
  await stdout.line(
    debris.length === 0 ? "nothing to clean" : `${done}: ${formatCount(debris.length, "item")}, ${formatBytes(size)}`,
  );
  if (young.length > 0) {
    const what = `${formatCount(young.length, "item")} left, changed in the last ${olderThan} s`;
    await stdout.line(`${what} (--older-than 0 removes that too, if no save is under way)`);
  }
  if (left.length === 0) return;
  const what = `${formatCount(left.length, "item")} left that may belong to another program: only the name is that of a leftover`;
  await stdout.line(`${what} (--all-temporary lists and removes them)`);
}

function lineOf({ path, kind, action }: Debris, dryRun: boolean): string {
  const verb = { remove: ["would remove", "removed"], finish: ["would finish", "finished"] }[action][dryRun ? 0 : 1];
  const mark = { file: "", directory: "/", unfinished: " (an upload that never ended)" }[kind];
  return `${verb} ${printable(path)}${mark}`;
}
