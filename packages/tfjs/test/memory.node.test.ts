import { expect, it } from "vitest";
import { runInOwnProcess } from "../../../tests/own-process.js";

const PROGRAM = `
  import { runInNewContext } from "node:vm";
  import { setFlagsFromString } from "node:v8";
  import { repeatedRestores } from "./packages/tfjs/test/repeated-restores.ts";
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc");
  const state = async () => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    for (let i = 0; i < 2; i++) collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return { memory: heapUsed + external, counts: restores.counts() };
  };
  const restores = await repeatedRestores();
  await restores.restore(60);
  const before = await state();
  await restores.restore(200);
  const after = await state();
  console.log(JSON.stringify({ before, after, difference: restores.difference() }));
`;

it("restores 200 times into the same model without more tensors, operations or memory", async () => {
  const { before, after, difference } = JSON.parse((await runInOwnProcess(PROGRAM)).trim().split("\n").at(-1) ?? "");
  expect(after.counts).toEqual(before.counts);
  expect(difference).toBe(0);
  // What one restore reads takes some 20 kB, so this is the memory of 50 that are kept. The engine's own grows by some 400 kB.
  expect(after.memory - before.memory).toBeLessThan(1_000_000);
});
