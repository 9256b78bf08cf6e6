import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestCheckpoint, Graph, LocalSession, type Tensor } from "tfsaver";
import { afterAll, beforeAll, expect, test } from "vitest";
import { batchOf, loadFlowers, randomNumbers } from "../../examples/training/src/flowers.js";
import { initialValues, lossAndGradients } from "../../examples/training/src/network.js";
import { STEPS } from "../../examples/training/src/train.js";
import { Training } from "../../examples/training/src/training.js";
import { buildProgram, WAIT_FOR_UNNAMED } from "../crash/program.js";
import { isThorough, seedOfCommit } from "../thorough.js";

const KILLS = isThorough ? 10 : 3;
const SEED = seedOfCommit();

let folder: string;
let program: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tfsaver-training-"));
  program = await buildProgram("training-process", folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

const { training: flowers } = loadFlowers();

test("the gradients are those that small changes of the parameters show", () => {
  const parameters = initialValues(7);
  const { gradients } = lossAndGradients(parameters, flowers);
  const lossWith = (i: number, j: number, change: number) => {
    const changed = parameters.map(({ data, ...rest }, layer): Tensor => {
      const moved = (data as Float32Array).map((value, k) => (layer === i && k === j ? value + change : value));
      return { ...rest, data: moved };
    });
    return lossAndGradients(changed, flowers).loss;
  };
  const CHANGE = 2 ** -7;
  for (const [i, { data }] of parameters.entries()) {
    for (let j = 0; j < data.length; j++) {
      const slope = (lossWith(i, j, CHANGE) - lossWith(i, j, -CHANGE)) / (2 * CHANGE);
      expect(gradients[i]?.[j]).toBeCloseTo(slope, 4);
    }
  }
});

test("an epoch takes each flower once, and epochs differ in their order", () => {
  const epoch = (n: number) => Array.from({ length: 6 }, (_, i) => batchOf(6 * n + i, 15, flowers).inputs).flat();
  expect(new Set(epoch(0))).toEqual(new Set(flowers.inputs));
  expect(new Set(epoch(1))).toEqual(new Set(epoch(0)));
  expect(epoch(1)).not.toEqual(epoch(0));
});

test("the graph has as many operations after 1,000 steps as before the first", async () => {
  const graph = new Graph();
  const training = new Training(graph, flowers);
  const session = new LocalSession(graph);
  await session.run(training.initializers);
  const before = graph.operations.length;
  for (let step = 1; step <= 1000; step++) await training.step(session, step);
  expect(graph.operations.length).toBe(before);
  expect(Number((await session.run("global_step:0")).data[0])).toBe(1000);
});

interface Life {
  /** The step that the process went on from; undefined if it was killed before. */
  readonly start: number | undefined;
  /** The last step whose save it reported; 0 without one. */
  readonly saved: number;
  /** The losses that it reported, by step. */
  readonly losses: ReadonlyMap<number, number>;
  /** Milliseconds from the start of the training to the end of the process. */
  readonly tookMs: number;
  readonly signal: string | null;
  readonly errors: string;
}

/** Runs the training in a process of its own, until it ends or is killed so long after it has started to train. */
function live(run: string, killAfterMs?: number): Promise<Life> {
  const child = spawn(process.execPath, [program, run], { stdio: ["ignore", "pipe", "pipe"] });
  let [output, errors, started] = ["", "", 0];
  let timer: ReturnType<typeof setTimeout> | undefined;
  child.stdout.on("data", (chunk) => {
    output += chunk;
    started ||= performance.now();
    if (killAfterMs !== undefined) timer ??= setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  });
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  return new Promise((resolve) => {
    child.on("close", (_, signal) => {
      clearTimeout(timer);
      const lines = [...output.matchAll(/^(start|step|saved) (\d+) ?(.*)\n/gm)];
      const stepsOf = (word: string) => lines.filter((line) => line[1] === word).map((line) => Number(line[2]));
      const steps = lines.filter((line) => line[1] !== "start");
      resolve({
        ...{ start: stepsOf("start")[0], saved: stepsOf("saved").at(-1) ?? 0 },
        ...{ losses: new Map(steps.map((line) => [Number(line[2]), Number(line[3])])) },
        ...{ tookMs: performance.now() - started, signal, errors },
      });
    });
  });
}

test(`after each of ${KILLS} kills at random moments (seed ${SEED}), the loss goes on exactly where it was`, {
  timeout: 120_000,
}, async () => {
  const [whole, killed] = [join(folder, "whole"), join(folder, "killed")];
  const { losses, tookMs } = await live(whole);
  expect([...losses.keys()]).toEqual(Array.from({ length: STEPS }, (_, i) => i + 1));

  const random = randomNumbers(SEED);
  let saved = 0;
  for (let kill = 0; kill <= KILLS; kill++) {
    const life = await live(killed, kill === KILLS ? undefined : random() * 2 * (tookMs / KILLS));
    expect(life.errors.replace(WAIT_FOR_UNNAMED, "")).toBe("");
    if (kill === 0) expect(life.signal).toBe("SIGKILL");
    // A reported save exists. One more may have ended before it was reported.
    if (life.start !== undefined) expect([saved, saved + 50]).toContain(life.start);
    for (const [step, loss] of life.losses) expect([step, loss]).toEqual([step, losses.get(step)]);
    saved = life.saved || (life.start ?? saved);
    if (kill === KILLS) expect(life.signal).toBeNull();
  }
  const last = `model.ckpt-${STEPS}`;
  expect(await digestCheckpoint(join(killed, last))).toEqual(await digestCheckpoint(join(whole, last)));
});
