import { S3Client } from "@aws-sdk/client-s3";
import { S3Storage } from "@tfsaver/storage-s3";
import { CheckpointManager, Graph, LocalSession, type RestoredNewest, Saver, Variable } from "tfsaver";

/** Number of the last step. */
export const STEPS = 100;

/** Steps between saves. */
const SAVE_EVERY = 20;

/** The line that the training looks for, and the step of its descent. */
const [SLOPE, OFFSET, RATE] = [3, -2, 0.1];

/**
 * Opens the bucket of `s3://bucket/…`. The client finds credentials, region and endpoint itself: in variables of AWS, in `~/.aws`,
 * or in the role of the machine.
 */
export function openBucket(url: string): S3Storage {
  const bucket = new URL(url).hostname;
  // Servers of one's own have the bucket in the path, not in the name of the host.
  const forcePathStyle = process.env.AWS_ENDPOINT_URL !== undefined;
  return new S3Storage({ client: new S3Client({ forcePathStyle, maxAttempts: 1 }), bucket });
}

interface TrainOptions {
  readonly onStart?: (start: RestoredNewest) => void;
  /** Called after each step, with the prefix of the checkpoint if it was saved. */
  readonly onStep?: (step: number, loss: number, saved: string | undefined) => void;
}

/** Fits a line by gradient descent: on from the newest checkpoint below the URL, or from the beginning. */
export async function train(url: string, { onStart, onStep }: TrainOptions = {}): Promise<void> {
  const storage = openBucket(url);
  const graph = new Graph();
  const line = Variable.create([0, 0], { graph, name: "line" });
  const saver = new Saver({ graph, storage, maxToKeep: 2 });
  const session = new LocalSession(graph, { storage });
  const manager = new CheckpointManager({ saver, session, storage, directory: url, every: { steps: SAVE_EVERY } });

  const start = await manager.restoreOrInitialize({ init: () => session.run(line.initializer) });
  onStart?.(start);
  for (let step = start.step + 1; step <= STEPS; step++) {
    const [slope = 0, offset = 0] = (await line.eval(session)).data as Float32Array;
    const x = Math.sin(step);
    const error = slope * x + offset - (SLOPE * x + OFFSET);
    await line.load([slope - RATE * error * x, offset - RATE * error], session);
    const { path } = await manager.maybeSave(step);
    onStep?.(step, error * error, path);
  }
  await manager.close();
  await session.close();
}
