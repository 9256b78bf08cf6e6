import { join } from "node:path";
import { startTfsaver } from "../side.js";
import type { Workload } from "../workload.js";

const [FULL, QUICK] = [200_000, 300];

/** Opens and lists an index of many entries. */
export const list: Workload = async (bench) => {
  const [ours, theirs] = [startTfsaver(), bench.rival.start()];
  const prefix = join(bench.folder, "model");
  const entries = bench.quick ? QUICK : FULL;
  try {
    await ours.ask("writeMany", { prefix, entries });
    const found = async (side: typeof ours) => {
      const answer = await side.ask<{ seconds: number; extraBytes: number; found: number }>("list", { prefix });
      if (answer.found !== entries) throw new Error(`list: found ${answer.found} of ${entries} tensors`);
      return answer;
    };
    await bench.compare({
      workload: "list",
      what: `${entries} entries`,
      bars: { TensorFlow: 1.5 },
      contestants: { tfsaver: () => found(ours), [bench.rival.name]: () => found(theirs) },
    });
  } finally {
    await Promise.all([ours.close(), theirs.close()]);
  }
};
