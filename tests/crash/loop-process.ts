import { CheckpointManager } from "@tfsaver/checkpoint-manager";
import { sleep } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import { Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { NodeStorage } from "@tfsaver/storage/node";

/*
 * A training loop under a manager, which tests kill or send signals. Halves the distance of a weight to 1 in each step.
 * Arguments: the folder, the steps between saves, graceMs, and words:
 *   `busy`: the steps never wait for anything but the session
 *   `stuck`: the third step never ends
 *   `slow`: a save takes about a second
 *   `behind`: saves are in the background
 *   `dies`: the process is killed when the first index gets its name
 */

const [directory = "", steps = "", graceMs = "", ...words] = process.argv.slice(2);
const is = (word: string) => words.includes(word);

/** Number of elements, enough that a kill may interrupt the writing of their bytes. */
const SIZE = 20_000;

class SlowStorage extends NodeStorage {
  override async create(...args: Parameters<NodeStorage["create"]>) {
    await sleep(0.2);
    return super.create(...args);
  }
}

class DyingStorage extends NodeStorage {
  override async rename(from: string, to: string): Promise<void> {
    if (to.endsWith(".index")) process.kill(process.pid, "SIGKILL");
    await super.rename(from, to);
  }
}

const graph = new Graph();
const weights = Variable.create(new Array<number>(SIZE).fill(0), { graph, name: "weights" });
const storage = new (is("slow") ? SlowStorage : is("dies") ? DyingStorage : NodeStorage)();
const session = new LocalSession(graph, { storage });
const saver = new Saver({ graph, storage, maxToKeep: 2 });
const manager = new CheckpointManager({
  ...{ saver, session, directory, storage, every: { steps: Number(steps) }, async: is("behind") },
  ...{ onSignal: ["SIGTERM", "SIGINT"], graceMs: Number(graceMs) },
});
const say = (text: string) => process.stdout.write(`${text}\n`);

const start = await manager.restoreOrInitialize({ init: () => session.run(weights.initializer) });
const weight = async () => Number((await weights.eval(session)).data[SIZE - 1]);
say(`start ${start.step} ${await weight()}`);
for (let step = start.step + 1; ; step++) {
  if (is("stuck") && step === 3) await new Promise((resolve) => setTimeout(resolve, 60_000));
  const value = (await weight()) / 2 + 0.5;
  await weights.load(new Float32Array(SIZE).fill(value), session);
  const { saved, reason, committed, stop } = await manager.maybeSave(step);
  if (committed !== undefined) committed.then(() => say(`saved ${step}`));
  else if (saved) say(`saved ${step}`);
  if (!saved && (step % 100 === 0 || !is("busy"))) say(`step ${step}`);
  if (stop) {
    say(`stop ${step}: ${reason}`);
    break;
  }
}
await manager.close();
say("closed");
