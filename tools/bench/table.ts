import type { Contest, Outcome, Result } from "./compare.js";
import type { Spread } from "./statistics.js";

const HEAD = ["workload", "", "by", "median", "spread", "of our time", "spread", "extra memory", "bar"];
const MEBIBYTE = 1 << 20;

/** Returns the measurements as a table in Markdown, with a row for each contestant. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.flatMap(({ contest, results }) =>
    results.map((result, i) => [
      i === 0 ? contest.workload : "",
      i === 0 ? contest.what : "",
      ...cellsOf(result, i === 0),
      barOf(contest, result),
    ]),
  );
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(HEAD), line(HEAD.map(() => "---")), ...rows.map(line)].join("\n");
}

function barOf({ bars }: Contest, { name }: Result): string {
  const bar = bars?.[name];
  return bar === undefined ? "" : `≥ ${Number(bar.toFixed(2))} ×`;
}

function cellsOf({ name, seconds, ratio, extraBytes }: Result, isOurs: boolean): string[] {
  const times = (spread: Spread) => `${spread.low.toFixed(2)} – ${spread.high.toFixed(2)}`;
  return [
    name,
    time(seconds.median),
    `${time(seconds.low)} – ${time(seconds.high)}`,
    isOurs ? "" : `${ratio.median.toFixed(2)} ×`,
    isOurs ? "" : times(ratio),
    Number.isNaN(extraBytes) ? "" : `${Math.round(extraBytes / MEBIBYTE)} MiB`,
  ];
}

function time(seconds: number): string {
  return seconds < 1 ? `${(seconds * 1000).toPrecision(3)} ms` : `${seconds.toPrecision(3)} s`;
}
