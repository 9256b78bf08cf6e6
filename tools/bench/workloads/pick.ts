import { statSync } from "node:fs";
import { join } from "node:path";
import { startTfsaver } from "../side.js";
import type { Workload } from "../workload.js";

const MIB = 1 << 20;
const [FULL, QUICK] = [
  { count: 256, bytes: 16 * MIB },
  { count: 4, bytes: 1000 },
];
/** Number of bytes that may be read in addition to the tensor and the index. */
const MARGIN = 64 << 10;

/** Reads one tensor of a large checkpoint. */
export const pick: Workload = async (bench) => {
  const [ours, theirs] = [startTfsaver(), bench.rival.start()];
  const prefix = join(bench.folder, "model");
  const { count, bytes } = bench.quick ? QUICK : FULL;
  const params = { prefix, name: `tensor_${count >> 1}` };
  try {
    await ours.ask("writeHollow", { prefix, count, bytes });
    await bench.compare({
      workload: "pick",
      what: `1 of ${count} tensors of ${bytes} bytes`,
      bars: { TensorFlow: 1 },
      contestants: {
        tfsaver: () => ours.ask("pick", params),
        [bench.rival.name]: () => theirs.ask("pick", params),
      },
    });
    const read = await ours.ask<number>("bytesRead", params);
    const allowed = bytes + statSync(`${prefix}.index`).size + MARGIN;
    bench.note(`pick: read ${read} bytes, at most ${allowed} expected`);
    if (read > allowed) throw new Error(`pick: read ${read} bytes, expected at most ${allowed}`);
  } finally {
    await Promise.all([ours.close(), theirs.close()]);
  }
};
