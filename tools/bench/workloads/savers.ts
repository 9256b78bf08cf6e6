import { join } from "node:path";
import { removeAll, requireSameFiles } from "../files.js";
import { type Measured, requireSameValues, type Side, startTfsaver } from "../side.js";
import type { VariablesSpec } from "../variables.js";
import type { Workload } from "../workload.js";

/** Smallest speed of each step, as a multiple of TensorFlow's. */
export interface SaverBars {
  readonly buildAndSave?: number;
  readonly save: number;
  readonly restore: number;
  readonly meta?: number;
}

/** Builds a saver of many variables, saves, restores, and exports and imports the meta graph. */
export function savers(workload: string, full: VariablesSpec, quick: VariablesSpec, bars: SaverBars): Workload {
  return async (bench) => {
    const [ours, theirs] = [startTfsaver(), bench.rival.start()];
    const at = (name: string) => join(bench.folder, name);
    const spec = bench.quick ? quick : full;
    const build = (side: Side) => side.ask("build", spec);
    /** Each side writes under its own name, and reads the files of the other. */
    const both = (what: string, bar: number, run: (side: Side, own: string, other: string) => Promise<Measured>) =>
      bench.compare({
        workload,
        what,
        bars: { TensorFlow: bar },
        contestants: {
          tfsaver: () => run(ours, "ours", "theirs"),
          [bench.rival.name]: () => run(theirs, "theirs", "ours"),
        },
      });
    const anew = (own: string) => {
      removeAll(bench.folder, own);
      return { prefix: at(own) };
    };
    try {
      await both("build and first save", bars.buildAndSave ?? 1, async (side, own) => {
        // The graph has no saver's operations yet.
        await build(side);
        return side.ask("buildAndSave", anew(own));
      });
      await both("later save", bars.save, (side, own) => side.ask("save", anew(own)));
      requireSameFiles(bench.folder, "ours", "theirs");
      // Each side keeps its session: TensorFlow takes long to prepare the graph for a session's first run.
      for (const side of [ours, theirs]) await side.ask("forget");
      await both("restore", bars.restore, (side, _, other) => side.ask("restore", { prefix: at(other) }));
      await requireSameValues(ours, theirs);
      if (bars.meta === undefined) return;
      await both("export meta graph", bars.meta, (side, own) => side.ask("exportMeta", { path: at(`${own}.meta`) }));
      await both("import meta graph", bars.meta, (side, _, other) =>
        side.ask("importMeta", { path: at(`${other}.meta`) }),
      );
    } finally {
      await Promise.all([ours.close(), theirs.close()]);
    }
  };
}
