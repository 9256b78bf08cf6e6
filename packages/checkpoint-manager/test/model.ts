import { Graph, Variable } from "@tfsaver/graph";
import { Saver, type SaverOptions } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage, readFile, type Storage } from "@tfsaver/storage";
import { CheckpointManager, type CheckpointManagerOptions } from "../src/index.js";

interface RunOptions extends Partial<CheckpointManagerOptions> {
  readonly storage?: Storage;
  readonly saverOptions?: SaverOptions;
  /** Number of elements of the variable. Default: 3. */
  readonly size?: number;
}

/** One run of a program: a graph with one variable, and a manager of the folder `run`. */
export function startRun({ storage = new MemoryStorage(), saverOptions, size = 3, ...options }: RunOptions = {}) {
  const graph = new Graph();
  const weights = Variable.create(new Array<number>(size).fill(0), { graph, name: "weights" });
  const session = new LocalSession(graph, { storage });
  const warnings: string[] = [];
  const onWarning = (message: string) => void warnings.push(message);
  const saver = new Saver({ graph, storage, onWarning, ...saverOptions });
  const manager = new CheckpointManager({
    ...{ saver, session, directory: "run", storage, onWarning, every: { steps: 10 } },
    ...options,
  });
  return {
    ...{ graph, session, saver, manager, storage, warnings },
    /** Sets all elements. */
    set: (value: number) => weights.load(new Float32Array(size).fill(value), session),
    /** Returns the first element. */
    get: async () => (await session.run(weights.snapshot)).data[0],
  };
}

export type Run = ReturnType<typeof startRun>;

/** Saves at these steps, each with the step as value. */
export async function saveSteps(run: Run, steps: readonly number[], loss?: (step: number) => number): Promise<void> {
  for (const step of steps) {
    await run.set(step);
    await run.manager.save(step, loss && { metrics: { loss: loss(step) } });
  }
}

/** Cuts a file to a part of its length. */
export async function truncate(storage: Storage, path: string): Promise<void> {
  const bytes = await readFile(storage, path);
  const file = await storage.create(path);
  await file.write([bytes.subarray(0, bytes.length >> 1)]);
  await file.close();
}
