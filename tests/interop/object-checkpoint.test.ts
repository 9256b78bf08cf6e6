import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCheckpoint, readObjectGraph } from "@tfsaver/checkpoint-reader";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstDifference } from "../../fixtures/bytes.js";
import { Builder } from "../../packages/object-checkpoint/test/build-objects.js";
import { Oracle } from "./oracle.js";
import { RandomObjects } from "./random-objects.js";

/** Seed of the first structure. `TFSAVER_RANDOM_SEED` sets another one. */
const SEED = Number(process.env.TFSAVER_RANDOM_SEED ?? Date.now() % 1_000_000);
const COUNT = 120;

let oracle: Oracle;
let folder: string;
beforeAll(() => {
  oracle = new Oracle();
  folder = mkdtempSync(join(tmpdir(), "tfsaver-object-checkpoint-"));
});
afterAll(() => {
  oracle.close();
  rmSync(folder, { recursive: true });
});

const cases = Array.from({ length: COUNT }, (_, i) => ({
  build: new RandomObjects(SEED + i).checkpoint(),
  call: i % 3 === 0 ? ("save" as const) : ("write" as const),
}));

type Case = (typeof cases)[number];

const pathOf = (kind: string, i: number, { call }: Pick<Case, "call">) =>
  join(folder, `${kind}-${i}`, call === "save" ? "ckpt-1" : "ckpt");

function expectSameFiles(some: string, others: string, label: string): void {
  for (const ending of [".index", ".data-00000-of-00001"]) {
    const difference = firstDifference(readFileSync(some + ending), readFileSync(others + ending));
    expect(difference, `${label}: ${ending}`).toBe(-1);
  }
}

/** Returns the names of the slot variables of a checkpoint, in the order of its object graph. */
async function slotNames(prefix: string): Promise<string[]> {
  const reader = await openCheckpoint(prefix);
  const graph = await readObjectGraph(reader);
  await reader.close();
  const slots = graph?.nodes.flatMap(({ slotVariables }) => slotVariables) ?? [];
  return slots.map(({ slotVariableNodeId }) => graph?.nodes[slotVariableNodeId]?.attributes[0]?.fullName ?? "");
}

/** Returns what gives the slot variables of a case the names that TensorFlow gave them. */
async function namingOf({ build, call }: Case, i: number): Promise<(n: number) => string> {
  await new Builder().checkpoint(build, {}).write(join(folder, `numbered-${i}`, "ckpt"));
  const numbered = await slotNames(join(folder, `numbered-${i}`, "ckpt"));
  const named = await slotNames(pathOf("theirs", i, { call }));
  const names = new Map(numbered.map((name, slot) => [name, named[slot] as string]));
  return (n) => names.get(`slot ${n}`) ?? "";
}

describe(`random objects with seeds ${SEED} to ${SEED + COUNT - 1}`, () => {
  it("are written, restored and written again by both sides, byte for byte the same", async () => {
    writeFileSync(join(folder, "cases.json"), JSON.stringify(cases));
    await oracle.ask("objects", { step: "write", folder });
    for (const [i, one] of cases.entries()) {
      const { call } = one;
      const label = `seed ${SEED + i}`;
      const theirs = pathOf("theirs", i, one);
      const naming = await namingOf(one, i);
      await new Builder(false, naming).checkpoint(one.build, {})[call](join(folder, `ours-${i}`, "ckpt"));
      expectSameFiles(pathOf("ours", i, { call }), theirs, label);
      const blank = new Builder(true, naming).checkpoint(one.build, {});
      const status = await (call === "save" ? blank.restore(theirs) : blank.read(theirs));
      status.assertConsumed().assertExistingObjectsMatched();
      await blank.write(join(folder, `back-${i}`, "ckpt"));
      expectSameFiles(join(folder, `back-${i}`, "ckpt"), theirs, `${label}, restored`);
    }
    await oracle.ask("objects", { step: "restore", folder });
    for (const [i, { call }] of cases.entries()) {
      const again = join(folder, `again-${i}`, "ckpt");
      expectSameFiles(again, pathOf("ours", i, { call }), `seed ${SEED + i}, restored by TensorFlow`);
    }
  });
});
