import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeDebris } from "@tfsaver/checkpoint-files";
import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { toTensor } from "@tfsaver/core";
import { basename, type MemoryStorage, normalizePath, readFile } from "@tfsaver/storage";
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

/** Returns the tensors of a checkpoint of `Model` that holds this value. */
function contentOf(value: number): Tensors {
  const p = [
    [value + 1, value + 2],
    [value + 3, value + 4],
  ];
  const tensors = { a: toTensor([value, value + 0.5]), b: toTensor(BigInt(value)), p: toTensor(p) };
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, plainForm(tensor)]));
}

/** TensorFlow reads 1 in 6 of the states, to save time. */
const EVERY = 6;

async function copy(storage: MemoryStorage, folder: string): Promise<void> {
  for (const { name, kind } of await storage.list(FOLDER)) {
    if (kind === "file") writeFileSync(join(folder, name), await readFile(storage, `${FOLDER}/${name}`));
  }
}

describe.each(kinds)("$name", (kind) => {
  it("TensorFlow restores the latest checkpoint after a saver was interrupted", async () => {
    const model = new Model();
    const { crashes } = await crashesOf(kind, model);
    let read = 0;
    for (const { label, storages, expectation } of crashes.filter((_, i) => i % EVERY === 0)) {
      const [storage] = storages;
      // Completes interrupted renames, because TensorFlow knows only the final names.
      await removeDebris(FOLDER, { storage, olderThan: 0 });
      const latest = await latestCheckpoint(FOLDER, { storage });
      if (latest === undefined) continue;
      const folder = mkdtempSync(join(tmpdir(), "tfsaver-crash-"));
      await copy(storage, folder);
      const prefix = join(folder, basename(latest));
      const theirs = await oracle.ask<Tensors>("read_checkpoint", { prefix });
      const allowed = (expectation.values.get(normalizePath(latest)) ?? []).map((value) => contentOf(value));
      expect(allowed, label).toContainEqual(theirs);
      rmSync(folder, { recursive: true });
      read++;
    }
    expect(read).toBeGreaterThan(10);
  });
});
