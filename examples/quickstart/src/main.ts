/**
 * Opens a checkpoint that TensorFlow wrote, continues the training, saves and restores. Run it with `npm start` at the
 * root, or with `npx tsx examples/quickstart/src/main.ts`, optionally followed by an output folder and a number of steps.
 */
import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { bar, dim, failure, Progress, print, section, success, table } from "@tfsaver-examples/screen";
import {
  formatBytes,
  Graph,
  importMetaGraph,
  LocalSession,
  latestCheckpoint,
  listVariables,
  Saver,
  tensorBytes,
  type Variable,
} from "tfsaver";
import { makeExamples } from "./data.js";
import { LAYERS, trainingStep } from "./model.js";
import { emptyOutputFolder } from "./output-folder.js";
import { variablesOf } from "./variables.js";

const INPUT = "fixtures/goldens/v2-with-meta";
const OUTPUT = process.argv[2] === undefined ? "quickstart-output" : resolve(process.argv[2]);
const STEPS = Number(process.argv[3] ?? 300);
const SAVE_EVERY = 50;
const MAX_TO_KEEP = 3;
const LEARNING_RATE = 0.005;

const started = performance.now();
process.chdir(fileURLToPath(new URL("../../..", import.meta.url)));
emptyOutputFolder(OUTPUT);

// List the tensors. This reads only the index.

const trained = await latestCheckpoint(INPUT);
if (trained === undefined) throw new Error(`${INPUT} contains no checkpoint`);
const tensors = await listVariables(trained);

section("A checkpoint that TensorFlow wrote", trained);
table(
  [
    ["name", "dtype", "shape", "size"],
    ...tensors.map(({ name, dtype, shape, size }) => [name, dtype, `[${shape}]`, formatBytes(size)]),
    [`${tensors.length} tensors`, "", "", formatBytes(tensors.reduce((sum, { size }) => sum + size, 0))],
  ],
  { right: [3], head: true, foot: true },
);

// Import the graph that was saved with the checkpoint, with its saver.

const graph = new Graph();
const imported = await importMetaGraph(`${trained}.meta`, { graph });
if (imported === undefined) throw new Error(`${trained}.meta contains no variables to restore`);
const session = new LocalSession(graph);
await imported.restore(session, trained);

const variables = variablesOf(graph);
const variable = (name: string): Variable => variables.get(name) ?? missing(name);
const globalStep = variable("global_step");
let step = Number((await globalStep.eval(session)).data[0]);

section("Its graph, imported", `${trained}.meta`);
table([
  ["operations", String(graph.operations.length)],
  ["variables", `${variables.size}, restored`],
  ["step", `${step}, where TensorFlow left off`],
]);

// Continue the training. The saver runs the save operations of the imported graph; only `maxToKeep` is ours.

const removed = new Map<string, string>();
const saver = Saver.fromProto(
  { ...(imported.asSaverDef() ?? missing("saver")), maxToKeep: MAX_TO_KEEP },
  {
    graph,
    onRetention: ({ checkpoint, action, reason }) => void (action === "delete" && removed.set(checkpoint.path, reason)),
  },
);
const saved: string[] = [];
const layers = LAYERS.map(variable);
const nextStep = globalStep.assignAdd(1);
// The graph is complete: a loop that added to it would grow without end.
graph.finalize();
const examples = makeExamples(200, 42);

section("Training continues in TypeScript", `${STEPS} steps of gradient descent, saved every ${SAVE_EVERY}`);
const progress = new Progress("training", STEPS);
let firstLoss: number | undefined;
for (let done = 0; done <= STEPS; done++) {
  const { loss, values } = trainingStep(await session.run(layers), examples, LEARNING_RATE);
  firstLoss ??= loss;
  if (done % SAVE_EVERY === 0) {
    const path = done === 0 ? undefined : await saver.save(session, `${OUTPUT}/model.ckpt`, { globalStep });
    if (path !== undefined) saved.push(path);
    progress.clear();
    const note = path === undefined ? "" : dim(`saved ${basename(path)}`);
    print(
      `  step ${String(step).padStart(3)}   loss ${loss.toFixed(4).padStart(7)}   ${bar(loss / firstLoss, 28)}  ${note}`.trimEnd(),
    );
  }
  if (done === STEPS) break;
  for (const [i, layer] of layers.entries()) await layer.load(values[i] ?? missing(layer.name), session);
  step = Number((await session.run(nextStep)).data[0]);
  progress.update(done);
}

section("The checkpoints that were kept", `${OUTPUT}: maxToKeep is ${MAX_TO_KEEP}`);
table(
  saved.map((path) => {
    const reason = removed.get(path);
    return [basename(path), reason === undefined ? "kept" : "removed", reason ?? `among the ${MAX_TO_KEEP} newest`];
  }),
  { dimmed: ([, fate]) => fate === "removed" },
);

section("The state file", `${OUTPUT}/checkpoint`);
print(
  ...readFileSync(`${OUTPUT}/checkpoint`, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => `  ${line}`),
);

// Restore the latest checkpoint into a new graph and session.

const latest = await latestCheckpoint(OUTPUT);
if (latest === undefined) throw new Error(`${OUTPUT} contains no checkpoint`);
const freshGraph = new Graph();
const freshSaver = await importMetaGraph(`${latest}.meta`, { graph: freshGraph });
const freshSession = new LocalSession(freshGraph);
await freshSaver?.restore(freshSession, latest);

const different: string[] = [];
for (const [name, fresh] of variablesOf(freshGraph)) {
  const [before, after] = [await variable(name).eval(session), await fresh.eval(freshSession)];
  if (Buffer.compare(tensorBytes(before), tensorBytes(after)) !== 0) different.push(name);
}

section("Restored into a fresh session", latest);
if (different.length === 0) {
  success(`all ${variables.size} variables are equal, byte for byte`);
} else {
  failure(`different: ${different.join(", ")}`);
  process.exitCode = 1;
}
await Promise.all([session.close(), freshSession.close()]);

section("Next steps", "in this folder");
table([
  [`npx tfckpt ls ${OUTPUT}`, "list the latest checkpoint"],
  [`npx tfckpt cat ${OUTPUT} dense2/kernel`, "print the value of a tensor"],
  [`npx tfckpt digest ${latest}`, "print a SHA-256 for each tensor"],
  [`npx tfckpt verify ${latest}`, "compare every checksum"],
]);
print("", dim(`Done in ${((performance.now() - started) / 1000).toFixed(1)} s.`));

function missing(what: string): never {
  throw new Error(`${what} is missing from ${trained}.meta`);
}
