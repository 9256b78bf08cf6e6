import { openCheckpoint, type TensorSource } from "@tfsaver/checkpoint-reader";
import type { Tensor } from "@tfsaver/core";
import { MemoryStorage, type Storage } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { FaultyStorage } from "@tfsaver/testing";
import { expect } from "vitest";
import { type ExpectedTensor, expectedForm } from "../../../fixtures/goldens.js";

/** Writes tensors as a checkpoint in memory, and opens it. */
export async function checkpointOf(
  tensors: Readonly<Record<string, Tensor>>,
  storage: MemoryStorage = new MemoryStorage(),
) {
  const writer = new BundleWriter("model", { storage });
  await writer.addAll(Object.entries(tensors).map(([name, tensor]) => ({ name, tensor })));
  await writer.finish();
  return { storage, reader: await openCheckpoint("model", { storage }) };
}

/** Reads all tensors of a source, in the form of `expected.json`. */
export async function contentOf(source: TensorSource): Promise<Record<string, ExpectedTensor>> {
  const found: Record<string, ExpectedTensor> = {};
  for await (const { name } of source.tensors()) found[name] = expectedForm(await source.get(name));
  return found;
}

/** Lists the files of a folder. */
export async function filesOf(storage: MemoryStorage, folder = ""): Promise<string[]> {
  return (await storage.list(folder)).map(({ name }) => name).sort();
}

/**
 * Makes each operation of a write fail in turn, and checks that it leaves all of its files, whose names start with `out`, or
 * none.
 *
 * @param count - number of files that it writes
 * @param folder - where it writes them, with a `/` at the end. Default: the root
 */
export async function expectAllOrNothing(
  storage: MemoryStorage,
  count: number,
  write: (storage: Storage) => Promise<unknown>,
  folder = "",
): Promise<void> {
  for (let fail = 1; ; fail++) {
    const faulty = new FaultyStorage(storage, { fail });
    await write(faulty).catch(() => undefined);
    const made = (await filesOf(storage, folder)).filter((name) => folder !== "" || name.startsWith("out"));
    expect([0, count], `operation ${fail} left ${made}`).toContain(made.length);
    expect(made.filter((name) => name.includes("tmp"))).toEqual([]);
    for (const name of made) await storage.remove(folder + name);
    if (faulty.faults === 0) return;
  }
}
