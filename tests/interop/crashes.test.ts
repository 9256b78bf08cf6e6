import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeDebris } from "@tfsaver/checkpoint-files";
import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { toTensor } from "@tfsaver/core";
import { basename, type MemoryStorage, readFile } from "@tfsaver/storage";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { crashesOf } from "../../packages/saver/test/crash/crashes.js";
import { kinds } from "../../packages/saver/test/crash/histories.js";
import { FOLDER, Model } from "../../packages/saver/test/crash/history.js";
import { plainForm } from "./content.js";
import { Oracle, type Tensors } from "./oracle.js";

let oracle: Oracle;
beforeAll(() => {
  oracle = new Oracle();
});
afterAll(() => oracle.close());

/** What a checkpoint of a model that holds a number has in it. */
function contentOf(value: number): Tensors {
  const p = [
    [value + 1, value + 2],
    [value + 3, value + 4],
  ];
  const tensors = { a: toTensor([value, value + 0.5]), b: toTensor(BigInt(value)), p: toTensor(p) };
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, plainForm(tensor)]));
}

/** TensorFlow reads one in this many of the states that a stop leaves. */
const EVERY = 6;

async function copy(storage: MemoryStorage, folder: string): Promise<void> {
  for (const { name, kind } of await storage.list(FOLDER)) {
    if (kind === "file") writeFileSync(join(folder, name), await readFile(storage, `${FOLDER}/${name}`));
  }
}

describe.each(kinds)("$name", (kind) => {
  it("TensorFlow restores what is left of a saver that was stopped", async () => {
    const model = new Model();
    const { crashes } = await crashesOf(kind, model);
    let read = 0;
    for (const { label, storages, expectation } of crashes.filter((_, i) => i % EVERY === 0)) {
      const [storage] = storages;
      // What had just been replaced gets the names that TensorFlow looks for.
      await removeDebris(FOLDER, { storage, olderThan: 0 });
      const latest = await latestCheckpoint(FOLDER, { storage });
      if (latest === undefined) continue;
      const folder = mkdtempSync(join(tmpdir(), "tfsaver-crash-"));
      await copy(storage, folder);
      const prefix = join(folder, basename(latest));
      const theirs = await oracle.ask<Tensors>("read_checkpoint", { prefix });
      const allowed = (expectation.values.get(latest) ?? []).map((value) => contentOf(value));
      expect(allowed, label).toContainEqual(theirs);
      rmSync(folder, { recursive: true });
      read++;
    }
    expect(read).toBeGreaterThan(10);
  });
});
