import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./workspace.js";

/** Runs an example in a temporary folder, and returns its output. */
function run(example: string, ...args: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "tfsaver-example-"));
  const tsx = ["--import", "tsx", "--conditions=@tfsaver/source", `examples/${example}/src/main.ts`, folder, ...args];
  try {
    return execFileSync(process.execPath, tsx, { cwd: root, encoding: "utf8" });
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

// Its graph is finalized before the loop, so a step that adds an operation fails.
test("the quickstart trains for 1,000 steps, and none of them adds to the graph", () => {
  const printed = run("quickstart", "1000");
  expect(printed).toMatch(/^ {2}step 1007 {3}loss .* saved model\.ckpt-1007$/m);
  expect(printed).toContain("all 15 variables are equal, byte for byte");
});
