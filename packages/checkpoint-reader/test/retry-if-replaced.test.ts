import { AbortedError } from "@tfsaver/core";
import { expect, test } from "vitest";
import { retryIfReplaced } from "../src/index.js";

/** Reads "model" with a function that fails once, with an error for a path. */
async function readFailingOnce(path: string): Promise<number> {
  let reads = 0;
  await retryIfReplaced("run/model", async () => {
    if (++reads === 1) throw new AbortedError(`${path} was replaced`, { path });
  });
  return reads;
}

test("a checkpoint is read again if a storage says that one of its files was replaced", async () => {
  expect(await readFailingOnce("run/model")).toBe(2);
  expect(await readFailingOnce("run/model.data-00000-of-00001")).toBe(2);
  await expect(readFailingOnce("run/other.index")).rejects.toThrow("run/other.index was replaced");
});
