import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Measured, type Side, startLoop, startTfsaver } from "../side.js";
import { spreadOf } from "../statistics.js";
import type { VariablesSpec } from "../variables.js";
import type { Workload } from "../workload.js";

/** What a save and a training loop cost each other. Times are in seconds. */
export interface LoopReport {
  /** A save that nothing runs beside. */
  readonly alone: number;
  /** From the call until the loop may go on. */
  readonly staged: number;
  /** From the call until the checkpoint is there. */
  readonly committed: number;
  /** Steps per second while nothing is saved, and while the save is under way. */
  readonly rateAlone: number;
  readonly rateBeside: number;
  /** Longest time for which nothing else could run on the loop's thread; its longest step, where there is no event loop. */
  readonly longestPause: number;
}

/** Bars for this library. */
const BARS = { stagedMs: 5, lostRate: 0.2, pauseMs: 25, slowdown: 1.5 } as const;

/** Saves in the background of a training loop, whose step is a product of two small matrices (about 2 ms). */
export function beside(full: VariablesSpec, quick: VariablesSpec): Workload {
  return async (bench) => {
    const spec = bench.quick ? quick : full;
    const sides: Record<string, Side> = {
      tfsaver: startTfsaver(),
      TensorFlow: startLoop("tensorflow"),
      Orbax: startLoop("orbax"),
    };
    const reports: Record<string, LoopReport[]> = { tfsaver: [], TensorFlow: [], Orbax: [] };
    const measure = async (name: string): Promise<Measured> => {
      const folder = join(bench.folder, name);
      mkdirSync(folder);
      const report = await (sides[name] as Side).ask<LoopReport>("saveBeside", { folder });
      rmSync(folder, { recursive: true });
      reports[name]?.push(report);
      return { seconds: report.committed, extraBytes: Number.NaN };
    };
    try {
      for (const side of Object.values(sides)) await side.ask("buildLoop", spec);
      const contestants = Object.keys(sides).map((name) => [name, () => measure(name)] as const);
      await bench.compare({
        workload: "async",
        what: "save beside a training loop",
        contestants: Object.fromEntries(contestants),
      });
      // The first round warms up.
      for (const name of Object.keys(sides)) bench.note(describe(name, (reports[name] ?? []).slice(1)));
      bench.note(
        `async: bars for tfsaver: staged within ${BARS.stagedMs} ms, steps lose at most ${percent(BARS.lostRate)}, the longest ` +
          `pause is ${BARS.pauseMs} ms, the save takes at most ${BARS.slowdown} × as long as alone`,
      );
    } finally {
      await Promise.all(Object.values(sides).map((side) => side.close()));
    }
  };
}

function describe(name: string, reports: readonly LoopReport[]): string {
  const median = (value: (report: LoopReport) => number) => spreadOf(reports.map(value)).median;
  const ms = (seconds: number) => `${(seconds * 1000).toPrecision(3)} ms`;
  return (
    `async, ${name}: staged after ${ms(median(({ staged }) => staged))}; ` +
    `steps lose ${percent(median(({ rateAlone, rateBeside }) => 1 - rateBeside / rateAlone))} of their rate ` +
    `(${Math.round(median(({ rateAlone }) => rateAlone))} a second alone); ` +
    `longest pause ${ms(median(({ longestPause }) => longestPause))}; ` +
    `the save takes ${median(({ alone, committed }) => committed / alone).toFixed(2)} × as long as alone ` +
    `(${ms(median(({ alone }) => alone))})`
  );
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}
