import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../workspace.js";

/** Runs an example in a temporary folder, and returns its output. */
function run(example: string, ...args: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "tfsaver-example-"));
  const tsx = ["--import", "tsx", "--conditions=@tfsaver/source", `examples/${example}/src/main.ts`, folder, ...args];
  try {
    return execFileSync(process.execPath, tsx, { cwd: root, encoding: "utf8" }).replaceAll(folder, "FOLDER");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a custom builder halves the checkpoint, and restores rounded values", () => {
  expect(run("custom-builder")).toMatchInlineSnapshot(`
    "unchanged: 64.3 KiB
      bias float32 [64]
      kernel float32 [256,64]
      step int64 []
    as bfloat16: 32.1 KiB
      bias bfloat16 [64]
      kernel bfloat16 [256,64]
      step int64 []
    restored as float32 and float32
    largest relative error: 0.00386, at most 0.00390625 by rounding
    step is exact: 1000003
    "
  `);
});

test("a custom saveable restores a vocabulary in a new session", () => {
  expect(run("vocabulary")).toMatchInlineSnapshot(`
    "embedding float32 [10,2]
    vocabulary/numbers int64 [10]
    vocabulary/words string [10]
    before restoring: 0 words
    after restoring: 10 words
    numbers of "words that nobody knows": 6 7 -1 -1
    "
  `);
});

test("a training that is killed goes on where it was, and its best checkpoint is chosen", () => {
  expect(run("training").replace(/Done in .*/, "Done")).toMatchInlineSnapshot(`
    "
    Fisher's irises  four measurements of a flower tell its species

      species                        setosa, versicolor, virginica
      to train on                    90 flowers
      to choose the best checkpoint  30 flowers
      to test it at the end          30 flowers

    A process trains, and is killed  600 steps of gradient descent, saved every 50

      step  50   loss 0.5313   ██████████████▉               saved model.ckpt-50
      step 100   loss 0.2129   ██████                        saved model.ckpt-100
      step 150   loss 0.1137   ███▏                          saved model.ckpt-150
      step 200   loss 0.0750   ██▏                           saved model.ckpt-200
      step 250   loss 0.0582   █▋                            saved model.ckpt-250
      step 300   loss 0.0483   █▍                            saved model.ckpt-300
      step 350   loss 0.0438   █▎                            saved model.ckpt-350
      step 400   loss 0.0385   █▏                            saved model.ckpt-400
      SIGKILL in step 437

    Another process goes on  from the newest checkpoint, with the same flowers in the same order

      goes on after step 400, with model.ckpt-400
      step 450   loss 0.0339   █                             saved model.ckpt-450
      step 500   loss 0.0322   ▉                             saved model.ckpt-500
      step 550   loss 0.0303   ▉                             saved model.ckpt-550
      step 600   loss 0.0282   ▊                             saved model.ckpt-600

    The checkpoints that were kept  FOLDER

      model.ckpt-350  validation loss 0.1268  its loss 0.12677626758280658 is the best
      model.ckpt-550  validation loss 0.1350  among the newest 2
      model.ckpt-600  validation loss 0.1356  among the newest 2

    The best one, on flowers that no step has seen  model.ckpt-350

      29 of 30 species are right

    The same training, in one go  FOLDER/in-one-go

      all 9 variables are equal, byte for byte, as if the process had never been killed

    Done
    "
  `);
});

// Its graph is finalized before the loop, so a step that adds an operation fails.
test("the quickstart trains for 1,000 steps, and none of them adds to the graph", () => {
  const printed = run("quickstart", "1000");
  expect(printed).toMatch(/^ {2}step 1007 {3}loss .* saved model\.ckpt-1007$/m);
  expect(printed).toContain("all 15 variables are equal, byte for byte");
});
