import { join } from "node:path";
import { removeAll } from "../files.js";
import { startPython, startTfsaver } from "../side.js";
import type { Workload } from "../workload.js";

const MIB = (1 << 20) / 4;
const [FULL, QUICK] = [
  { count: 16, elements: 16 * MIB },
  { count: 3, elements: 1000 },
];

/** Summarizes, compares, averages and converts checkpoints, beside NumPy over TensorFlow's reader. */
export const tools: Workload = async (bench) => {
  const [ours, theirs] = [startTfsaver(), startPython()];
  const at = (name: string) => join(bench.folder, name);
  const size = bench.quick ? QUICK : FULL;
  const [a, b] = [at("a"), at("b")];
  try {
    for (const [seed, prefix] of [a, b].entries()) await ours.ask("writeWeights", { prefix, seed, ...size });
    const both = (what: string, method: string, params: (name: string) => object) =>
      bench.compare({
        workload: "tools",
        what,
        bars: { NumPy: 1 },
        contestants: {
          tfsaver: () => ours.ask(method, params("ours")),
          NumPy: () => theirs.ask(method, params("theirs")),
        },
      });
    await both("stat", "statCheckpoint", () => ({ prefix: a }));
    await both("diff", "diffCheckpoints", () => ({ a, b }));
    await both("average", "averageCheckpoints", (name) => {
      removeAll(bench.folder, name);
      return { a, b, destination: at(name) };
    });
    await both("convert to safetensors", "convertToSafetensors", (name) => {
      removeAll(bench.folder, name);
      return { prefix: a, destination: at(`${name}.safetensors`) };
    });
  } finally {
    await Promise.all([ours.close(), theirs.close()]);
  }
};
