import { parseCheckpointFilename } from "@tfsaver/checkpoint-names";
import { type ChangedTensor, type CheckpointDifference, diffCheckpoints } from "@tfsaver/checkpoint-tools";
import { formatShape } from "@tfsaver/core";
import type { Context } from "../../context.js";
import { ExitCode, finding, UsageError } from "../../errors.js";
import { find } from "../../find.js";
import { colors } from "../../output/colors.js";
import { columns } from "../../output/columns.js";
import type { JsonOption } from "../../output/json.js";
import { shortNumber } from "../../output/numbers.js";
import { printable } from "../../output/printable.js";
import { withProgress } from "../../output/progress.js";

/** Options of `tfckpt diff`, as typed. */
export interface DiffCommandOptions extends JsonOption {
  readonly match?: readonly string[];
  readonly atol: string;
  readonly rtol: string;
}

/** `tfckpt diff`: prints the tensors that differ. The exit code is 0 if the checkpoints are equal, otherwise 1. */
export async function diff(a: string, b: string, options: DiffCommandOptions, context: Context): Promise<void> {
  // With `.meta` files, graphs are meant, not the checkpoints beside them.
  if ([a, b].every((path) => parseCheckpointFilename(path).role === "meta-graph")) {
    return (await import("./diff-metas.js")).diffMetas(a, b, options, context);
  }
  const { stdout, storage, signal } = context;
  const [atol, rtol] = [tolerance("--atol", options.atol), tolerance("--rtol", options.rtol)];
  const [before, after] = [await find(a, context), await find(b, context)];
  const names = options.match ?? [];
  const result = await withProgress("diff", context, ({ update }) =>
    finding(() => diffCheckpoints(before, after, { names, atol, rtol, storage, signal, onProgress: update })),
  );
  // Set before printing, because a broken pipe ends the command.
  if (!result.equal) context.exitCode = ExitCode.bad;
  await (options.json ? stdout.json(result) : printDifference(result, context));
}

function tolerance(name: string, text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new UsageError(`${name} takes a number from 0 on, not '${text}'`);
}

const HEAD = ["", "name", "what", "largest", "mean", "cosine", "equal"];
const RIGHT = [3, 4, 5, 6];

async function printDifference(result: CheckpointDifference, { stdout }: Context): Promise<void> {
  const { bold, red, green, yellow, dim } = colors(stdout);
  const { added, removed, renamed, changed, unchanged } = result;
  const kindOf = ({ dtype, shape }: (typeof added)[number]) => `${dtype} ${formatShape(shape)}`;
  const rows = [
    ...removed.map((one) => ({ style: red, cells: ["removed", printable(one.name), kindOf(one)] })),
    ...added.map((one) => ({ style: green, cells: ["added", printable(one.name), kindOf(one)] })),
    ...renamed.map(({ from, to }) => ({ style: yellow, cells: ["renamed", printable(from), `to ${printable(to)}`] })),
    ...changed.map((one) => ({ style: yellow, cells: ["changed", printable(one.name), ...changes(one)] })),
  ];
  const [head = "", ...lines] = columns([HEAD, ...rows.map(({ cells }) => cells)], RIGHT);
  if (rows.length > 0) await stdout.line(head, bold);
  for (const [i, line] of lines.entries()) await stdout.line(line, rows[i]?.style);
  const counts = { removed: removed.length, added: added.length, renamed: renamed.length, changed: changed.length };
  const found = Object.entries(counts).filter(([, count]) => count > 0);
  const summary = [...found, ["equal", unchanged]].map(([what, count]) => `${count} ${what}`).join(", ");
  await stdout.line(summary, dim);
}

/** Returns the cells that say in which ways a tensor differs. */
function changes({ dtypes, shapes, values }: ChangedTensor): string[] {
  const kinds = [
    ...(dtypes === undefined ? [] : [`${dtypes[0]} to ${dtypes[1]}`]),
    ...(shapes === undefined ? [] : [`${formatShape(shapes[0])} to ${formatShape(shapes[1])}`]),
    ...(dtypes === undefined && shapes === undefined ? ["values"] : []),
  ];
  if (values === undefined) return [kinds.join(", ")];
  const { largest, mean, cosine, equalShare } = values;
  return [
    kinds.join(", "),
    shortNumber(largest),
    shortNumber(mean),
    cosine === undefined ? "-" : cosine.toFixed(6),
    `${(100 * equalShare).toFixed(1)} %`,
  ];
}
