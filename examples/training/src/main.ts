/**
 * Trains a classifier in plain TypeScript, kills the process in the middle, and goes on in another one. Run it with
 * `npm run start:training`, optionally followed by an empty output folder.
 */
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { dim, failure, print, section, success, table } from "@tfsaver-examples/screen";
import { digestCheckpoint, latestCheckpoint } from "tfsaver";
import { loadFlowers, SPECIES } from "./flowers.js";
import { evaluate } from "./network.js";
import { openTraining, SAVE_EVERY, STEPS, train } from "./train.js";

const KILLED_IN = 437;

const started = performance.now();
const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), "tfsaver-training-"));
const { training, validation, test } = loadFlowers();

section("Fisher's irises", "four measurements of a flower tell its species");
table([
  ["species", SPECIES.join(", ")],
  ["to train on", `${training.inputs.length} flowers`],
  ["to choose the best checkpoint", `${validation.inputs.length} flowers`],
  ["to test it at the end", `${test.inputs.length} flowers`],
]);

section("A process trains, and is killed", `${STEPS} steps of gradient descent, saved every ${SAVE_EVERY}`);
const end = await runTraining(KILLED_IN);
print(dim(`  ${end} in step ${KILLED_IN}`));

section("Another process goes on", "from the newest checkpoint, with the same flowers in the same order");
await runTraining();

// The manager knows the metrics of both processes.

const { manager, saver, session, training: trained } = openTraining(folder);
const best = await manager.best();
if (best === undefined) throw new Error(`${folder} has no checkpoint with a loss`);

section("The checkpoints that were kept", folder);
table(
  (await manager.list()).map(({ path, metrics, reason }) => [
    ...[basename(path), `validation loss ${metrics?.loss?.toFixed(4)}`, reason],
  ]),
);

await saver.restore(session, best.path);
const { right } = evaluate(await trained.parameters(session), test);
await Promise.all([manager.close(), session.close()]);

section("The best one, on flowers that no step has seen", basename(best.path));
success(`${right} of ${test.inputs.length} species are right`);

// The same training in one go ends with the same values.

const inOneGo = join(folder, "in-one-go");
await train(inOneGo);
const [killed, unkilled] = [await latestDigests(folder), await latestDigests(inOneGo)];
const different = [...unkilled].filter(([name, digest]) => killed.get(name) !== digest).map(([name]) => name);

section("The same training, in one go", inOneGo);
if (different.length === 0) {
  success(`all ${unkilled.size} variables are equal, byte for byte, as if the process had never been killed`);
} else {
  failure(`different: ${different.join(", ")}`);
  process.exitCode = 1;
}
print("", dim(`Done in ${((performance.now() - started) / 1000).toFixed(1)} s.`));

/** Runs the training in another process. Returns the signal that ended it, or its exit code. */
function runTraining(killedIn?: number): Promise<string> {
  const program = fileURLToPath(new URL("training-process.ts", import.meta.url));
  const args = [...process.execArgv, program, folder, ...(killedIn === undefined ? [] : [String(killedIn)])];
  const child = spawn(process.execPath, args, { stdio: "inherit" });
  return new Promise((resolve, reject) =>
    child.once("error", reject).once("exit", (code, signal) => resolve(signal ?? String(code))),
  );
}

async function latestDigests(directory: string): Promise<Map<string, string>> {
  const latest = await latestCheckpoint(directory);
  if (latest === undefined) throw new Error(`${directory} contains no checkpoint`);
  return digestCheckpoint(latest);
}
