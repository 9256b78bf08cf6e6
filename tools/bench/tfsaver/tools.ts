/** Works on whole checkpoints, as `python/tools.py` does with NumPy. */

import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { averageCheckpoints, diffCheckpoints, statCheckpoint } from "@tfsaver/checkpoint-tools";
import { writeSafetensors } from "@tfsaver/interchange/safetensors";
import { NodeStorage } from "@tfsaver/storage/node";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import type { Measured } from "../side.js";
import { measure } from "./measure.js";

interface Checkpoint {
  readonly prefix: string;
  readonly count: number;
  readonly elements: number;
  readonly seed: number;
}

const storage = new NodeStorage({ fsync: false });

/** Writes tensors of numbers that look like weights. */
async function writeWeights({ prefix, count, elements, seed }: Checkpoint): Promise<void> {
  const writer = new BundleWriter(prefix, { storage });
  let state = seed;
  for (let i = 0; i < count; i++) {
    const data = new Float32Array(elements);
    for (let k = 0; k < elements; k++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      data[k] = (state / 2 ** 31) ** 3;
    }
    await writer.add(`tensor_${i}`, { dtype: "float32", shape: [elements], data });
  }
  await writer.finish();
}

interface Pair {
  readonly a: string;
  readonly b: string;
}

export const tools = {
  writeWeights,
  statCheckpoint: ({ prefix }: { prefix: string }): Promise<Measured> => measure(() => statCheckpoint(prefix)),
  diffCheckpoints: ({ a, b }: Pair): Promise<Measured> => measure(() => diffCheckpoints(a, b)),
  averageCheckpoints: ({ a, b, destination }: Pair & { destination: string }): Promise<Measured> =>
    measure(() => averageCheckpoints([a, b], destination, { storage })),
  convertToSafetensors: ({ prefix, destination }: { prefix: string; destination: string }): Promise<Measured> =>
    measure(async () => {
      const reader = await openCheckpoint(prefix);
      await writeSafetensors(reader, destination, { storage });
      await reader.close();
    }),
};
