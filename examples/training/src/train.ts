import {
  anyOf,
  CheckpointManager,
  Graph,
  keepBest,
  keepLatest,
  LocalSession,
  type RestoredNewest,
  Saver,
} from "tfsaver";
import { loadFlowers } from "./flowers.js";
import { evaluate } from "./network.js";
import { Training } from "./training.js";

/** Number of the last step. */
export const STEPS = 600;

/** Steps between saves. */
export const SAVE_EVERY = 50;

const flowers = loadFlowers();

/** Makes a training, a session with its values, and a manager of the checkpoints in a folder. */
export function openTraining(directory: string) {
  const graph = new Graph();
  const training = new Training(graph, flowers.training);
  const retention = anyOf(keepLatest(2), keepBest({ metric: "loss", n: 1, mode: "min" }));
  const saver = new Saver({ graph, retention });
  // From here on, a step that adds an operation fails.
  graph.finalize();
  const session = new LocalSession(graph);
  const manager = new CheckpointManager({ saver, session, directory, every: { steps: SAVE_EVERY } });
  return { training, saver, session, manager };
}

/** A step that has ended. */
interface EndedStep {
  readonly step: number;
  /** Mean cross entropy over the flowers of this step, before it. */
  readonly loss: number;
  /** Prefix of the checkpoint, if this step was saved. */
  readonly saved: string | undefined;
}

interface TrainOptions {
  /** Called when the variables have their first values. */
  readonly onStart?: (start: RestoredNewest) => void;
  /** Called after each step. */
  readonly onStep?: (ended: EndedStep) => void;
}

/** Trains up to the last step: on from the newest checkpoint of the folder, or from the beginning. */
export async function train(directory: string, { onStart, onStep }: TrainOptions = {}): Promise<void> {
  const { training, session, manager } = openTraining(directory);
  const start = await manager.restoreOrInitialize({ init: () => session.run(training.initializers) });
  onStart?.(start);
  for (let step = start.step + 1; step <= STEPS; step++) {
    const loss = await training.step(session, step);
    const { path } = await manager.maybeSave(step, {
      metrics: async () => ({ loss: evaluate(await training.parameters(session), flowers.validation).loss }),
    });
    onStep?.({ step, loss, saved: path });
  }
  await manager.close();
  await session.close();
}
