/** Saves in the background of a training loop. */
import { mkdirSync, rmSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { constant, Graph, placeholder, Variable } from "@tfsaver/graph";
import { Saver } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { NodeStorage } from "@tfsaver/storage/node";
import type { VariablesSpec } from "../variables.js";
import type { LoopReport } from "../workloads/beside.js";
import { contentOf } from "./content.js";

/** Rows and columns of the matrices that a step multiplies: about 2 ms. */
const SIZE = 128;
/** Duration of the loop that nothing is saved beside, in milliseconds. */
const ALONE_MS = 1000;

const [a, b, product] = [1.5, 0.5, 0].map((value) => new Float64Array(SIZE * SIZE).fill(value)) as [
  Float64Array,
  Float64Array,
  Float64Array,
];

function multiply(): void {
  product.fill(0);
  for (let i = 0; i < SIZE; i++) {
    for (let k = 0; k < SIZE; k++) {
      const x = a[i * SIZE + k] as number;
      for (let j = 0; j < SIZE; j++)
        product[i * SIZE + j] = (product[i * SIZE + j] as number) + x * (b[k * SIZE + j] as number);
    }
  }
}

interface Loop {
  readonly session: LocalSession;
  readonly saver: Saver;
  readonly step: () => Promise<unknown>;
}

let loop: Loop;

async function build(spec: VariablesSpec): Promise<void> {
  const graph = new Graph();
  const storage = new NodeStorage({ fsync: false });
  const session = new LocalSession(graph, { storage });
  for (let i = 0; i < spec.count; i++) {
    const initial = placeholder(spec.dtype, { graph, shape: [spec.elements] });
    const variable = Variable.create(initial, { graph, name: `variable_${i}` });
    await session.run(variable.initializer, new Map([[initial, contentOf(spec, i)]]));
  }
  const steps = Variable.create(0, { graph, name: "steps" });
  const increment = steps.assignAdd(constant(1, { graph }));
  await session.run(steps.initializer);
  const saver = new Saver({ graph, storage, onWarning: () => undefined });
  const step = () => {
    multiply();
    return session.run(increment);
  };
  loop = { session, saver, step };
}

function empty(folder: string): void {
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
}

/** Runs the loop for at least one step, until a condition holds. Returns steps per second. */
async function runUntil(isDone: (milliseconds: number) => boolean): Promise<number> {
  const start = performance.now();
  let steps = 0;
  let now = start;
  do {
    await loop.step();
    steps++;
    now = performance.now();
  } while (!isDone(now - start));
  return steps / ((now - start) / 1000);
}

/** @param folder - is emptied before each save, so that the system has the same free memory for all of them */
async function saveBeside({ folder }: { folder: string }): Promise<LoopReport> {
  const { session, saver } = loop;
  const options = { writeMetaGraph: false, writeState: false } as const;
  const seconds = (start: number) => (performance.now() - start) / 1000;
  const prefix = `${folder}/model`;
  const rateAlone = await runUntil((milliseconds) => milliseconds > ALONE_MS);
  let alone = 0;
  // The first one is there to leave free memory behind.
  for (let i = 0; i < 2; i++) {
    empty(folder);
    const first = performance.now();
    await saver.save(session, prefix, options);
    alone = seconds(first);
  }
  empty(folder);

  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const start = performance.now();
  const save = saver.saveAsync(session, prefix, options);
  let committed: number | undefined;
  const saving = save.committed.then(() => {
    committed = seconds(start);
  });
  await save.staged;
  const staged = seconds(start);
  const rateBeside = await runUntil(() => committed !== undefined);
  await saving;
  delay.disable();
  const longestPause = delay.max / 1e9;
  return { alone, staged, committed: committed as number, rateAlone, rateBeside, longestPause };
}

export const beside = { buildLoop: build, saveBeside };
