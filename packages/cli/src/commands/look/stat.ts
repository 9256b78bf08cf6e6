import {
  type CheckpointStatistics,
  formatCount,
  type Statistics,
  statCheckpoint,
  type TensorStatistics,
} from "@tfsaver/checkpoint-tools";
import { formatShape } from "@tfsaver/core";
import type { Context } from "../../context.js";
import { ExitCode, finding, UsageError } from "../../errors.js";
import { find } from "../../find.js";
import { colors } from "../../output/colors.js";
import { columns } from "../../output/columns.js";
import { bar, sparkline } from "../../output/histogram.js";
import type { JsonOption } from "../../output/json.js";
import { shortNumber, wholeNumber } from "../../output/numbers.js";
import { printable } from "../../output/printable.js";
import { withProgress } from "../../output/progress.js";

/** Options of `tfckpt stat`, as typed. */
export interface StatCommandOptions extends JsonOption {
  readonly scopes?: boolean;
  readonly depth: string;
  readonly failOn?: string;
}

const HEAD = ["name", "min", "max", "mean", "std", "l2", "zeros", "nan", "inf", "histogram"];
const RIGHT = [1, 2, 3, 4, 5, 6, 7, 8];
/** Width of a histogram in a table. */
const SPARK_WIDTH = 10;

/** `tfckpt stat`: prints statistics of each tensor or scope, and of all together. */
export async function stat(
  path: string,
  names: readonly string[],
  options: StatCommandOptions,
  context: Context,
): Promise<void> {
  const failures = failuresOf(options.failOn);
  const depth = wholeNumber(options.depth, 1, 1000);
  if (depth === undefined) throw new UsageError(`--depth takes a whole number from 1 on, not '${options.depth}'`);
  const { stdout, storage, signal } = context;
  const prefix = await find(path, context);
  const result = await withProgress("stat", context, ({ update }) =>
    finding(() => statCheckpoint(prefix, { names, depth, storage, signal, onProgress: update })),
  );
  const failed = result.tensors.filter((tensor) => failures.some((count) => count(tensor) > 0));
  if (failed.length > 0) context.exitCode = ExitCode.bad;
  const [only] = result.tensors;
  if (options.json) await stdout.json(result);
  else if (only !== undefined && names.length === 1 && result.tensors.length === 1) await printOne(only, context);
  else await printTable(result, options.scopes ?? false, context);
  if (failed.length > 0) {
    const shown = failed.slice(0, 3).map(({ name }) => printable(name));
    const rest = failed.length > shown.length ? ", …" : "";
    await context.stderr.line(
      `tfckpt: ${formatCount(failed.length, "tensor")} with ${options.failOn}: ${shown.join(", ")}${rest}`,
    );
  }
}

type Counter = (statistics: Statistics) => number;

const COUNTERS: Readonly<Record<string, Counter>> = {
  nan: ({ nan }) => nan,
  inf: infinities,
};

function failuresOf(text: string | undefined): Counter[] {
  if (text === undefined) return [];
  return text.split(",").map((kind) => {
    const counter = Object.hasOwn(COUNTERS, kind) ? COUNTERS[kind] : undefined;
    if (counter === undefined) throw new UsageError(`--fail-on takes nan, inf or nan,inf, not '${text}'`);
    return counter;
  });
}

function infinities({ positiveInfinity, negativeInfinity }: Statistics): number {
  return positiveInfinity + negativeInfinity;
}

async function printTable(result: CheckpointStatistics, byScope: boolean, { stdout }: Context): Promise<void> {
  const { bold, dim } = colors(stdout);
  const rows = byScope
    ? result.scopes.map((statistics) => ({
        name: statistics.scope === "" ? "(no scope)" : statistics.scope,
        statistics,
      }))
    : result.tensors.map((statistics) => ({ name: statistics.name, statistics }));
  const cells = rows.map(({ name, statistics }) => [printable(name), ...cellsOf(statistics)]);
  const total = [formatCount(result.tensors.length, "tensor"), ...cellsOf(result.total)];
  const [head = "", ...lines] = columns([HEAD, ...cells, total], RIGHT);
  await stdout.line(head, bold);
  for (const line of lines.slice(0, -1)) await stdout.line(line);
  await stdout.line(lines.at(-1) ?? "", dim);
}

function cellsOf(statistics: Statistics): string[] {
  const { min, max, mean, deviation, l2, zeros, nan, histogram } = statistics;
  const numbers = [min, max, mean, deviation, l2, zeros, nan, infinities(statistics)].map(shortNumber);
  return [...numbers, sparkline(histogram, SPARK_WIDTH)];
}

/** Prints all that is known of one tensor, a line for each. */
async function printOne(statistics: TensorStatistics, { stdout }: Context): Promise<void> {
  const { name, dtype, shape, elements, min, max, mean, deviation, l1, l2, quantiles, histogram } = statistics;
  const { bold } = colors(stdout);
  await stdout.line(`${printable(name)}  ${dtype}  ${formatShape(shape)}`, bold);
  const facts = [
    ["elements", elements],
    ["zeros", statistics.zeros],
    ["nan", statistics.nan],
    ["inf", statistics.positiveInfinity],
    ["-inf", statistics.negativeInfinity],
    ["min", min],
    ["max", max],
    ["mean", mean],
    ["std", deviation],
    ["l1", l1],
    ["l2", l2],
    ...quantiles.map(({ share, value }) => [`${share * 100}%`, value] as const),
  ] as const;
  for (const line of columns(facts.map(([label, value]) => [label, shortNumber(value)]))) await stdout.line(line);
  if (histogram.length === 0) return;
  const most = histogram.reduce((a, b) => Math.max(a, b));
  const [from, to] = [Number(min), Number(max)];
  const rows = histogram.map((count, i) => [
    shortNumber(from + ((to - from) * i) / histogram.length),
    String(count),
    bar(count, most),
  ]);
  for (const line of columns(from === to ? rows.slice(0, 1) : rows, [0, 1])) await stdout.line(line);
}
