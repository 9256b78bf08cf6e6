import type { Graph, Session } from "@tfsaver/graph";
import { Saver, type SaverOptions } from "@tfsaver/saver";
import { HostVariable } from "@tfsaver/saver-builders";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage, readFile, type Storage } from "@tfsaver/storage";
import { CountingStorage } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { rejection } from "../../../../fixtures/rejection.js";
import { filesIn, putFile } from "../../../../fixtures/storage-files.js";

type Damage = (storage: Storage, prefix: string) => Promise<void>;

const change =
  (suffix: string, edit: (bytes: Uint8Array) => Uint8Array): Damage =>
  async (storage, prefix) => {
    await putFile(storage, prefix + suffix, edit(await readFile(storage, prefix + suffix)));
  };
const flipped = (at: number) => (bytes: Uint8Array) => bytes.with(at < 0 ? bytes.length + at : at, 0xaa);
const cut = (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1);
const DATA = ".data-00000-of-00001";

/** Saves twice with `maxToKeep: 1`; the session damages what it writes for the second save. */
async function savingTwice(damage: Damage, { signal, ...options }: SaverOptions & { readonly signal?: AbortSignal }) {
  const storage = new MemoryStorage();
  const variable = new HostVariable([1, 2], { name: "w" });
  let damaged: string | undefined;
  const eager = (graph: Graph): Session => {
    const session = new LocalSession(graph, { storage });
    const run = session.run.bind(session) as (...args: unknown[]) => Promise<unknown>;
    return Object.assign(session, {
      run: async (...args: unknown[]) => {
        const result = await run(...args);
        const prefix = damaged;
        damaged = undefined;
        if (prefix !== undefined) await damage(storage, prefix);
        return result;
      },
    });
  };
  const saver = new Saver({
    varList: [variable],
    eager,
    storage,
    maxToKeep: 1,
    onWarning: () => undefined,
    ...options,
  });
  await saver.save(null, "m", { globalStep: 1 });
  const before = await filesIn(storage);
  damaged = "m-2";
  const saving = saver.save(null, "m", { globalStep: 2, signal });
  return { saving, storage, before, saver, variable };
}

describe.each([
  ["a flipped byte in the index", 2, change(".index", flipped(10))],
  ["a truncated index", 2, change(".index", cut)],
  ["a truncated data file", 2, change(DATA, cut)],
  ["a missing data file", 2, (storage: Storage, prefix: string) => storage.remove(prefix + DATA)],
  ["a truncated V1 file", 1, change("", cut)],
  ["a flipped byte in the list of tensors of a V1 file", 1, change("", flipped(3))],
] as const)("%s", (_, writeVersion, damage) => {
  it.each([undefined, true, "index", "all"] as const)(
    "makes the save fail with checkWritten %s, and the good checkpoint stays",
    async (checkWritten) => {
      const { saving, storage, before, saver, variable } = await savingTwice(damage, { writeVersion, checkWritten });
      const error = await rejection(saving);
      expect(error).toMatchObject({ kind: "DataLossError", message: expect.stringContaining("can't be read back") });
      expect(await filesIn(storage)).toEqual(expect.arrayContaining(before));
      expect(saver.lastCheckpoints).toEqual(["m-1"]);
      await saver.restore(null, "m-1");
      expect([...(variable.value.data as Float32Array)]).toEqual([1, 2]);
    },
  );

  it("is not looked for with checkWritten false", async () => {
    const { saving } = await savingTwice(damage, { writeVersion, checkWritten: false });
    expect(await saving).toBe("m-2");
  });
});

describe.each([
  ["a flipped byte of a tensor", 2, change(DATA, flipped(0))],
  ["a flipped byte of a tensor in V1", 1, change("", flipped(60))],
] as const)("%s", (_, writeVersion, damage) => {
  it("makes the save fail with checkWritten all, which reads every byte back", async () => {
    const { saving, storage, before } = await savingTwice(damage, { writeVersion, checkWritten: "all" });
    expect(await rejection(saving)).toMatchObject({ kind: "DataLossError" });
    expect(await filesIn(storage)).toEqual(expect.arrayContaining(before));
  });
});

it("reads no tensor by default", async () => {
  const storage = new CountingStorage(new MemoryStorage());
  const variable = new HostVariable(new Float32Array(100_000), { name: "w" });
  const eager = (graph: Graph) => new LocalSession(graph, { storage });
  await new Saver({ varList: [variable], eager, storage }).save(null, "m");
  expect(storage.rangesRead(`m${DATA}`)).toEqual([]);
});

it("leaves nothing of a new checkpoint if it is cancelled while reading it back", async () => {
  const controller = new AbortController();
  const { saving, storage, before } = await savingTwice(async () => controller.abort(), {
    checkWritten: "all",
    signal: controller.signal,
  });
  expect(await rejection(saving)).toMatchObject({ kind: "CancelledError" });
  expect(await filesIn(storage)).toEqual(before);
});

it("refuses another value of checkWritten before anything is written", async () => {
  const storage = new MemoryStorage();
  const eager = (graph: Graph) => new LocalSession(graph, { storage });
  const varList = [new HostVariable([1], { name: "w" })];
  const saver = new Saver({ varList, eager, storage, checkWritten: "some" as never });
  expect(await rejection(saver.save(null, "m"))).toMatchObject({ kind: "ValueError" });
  expect(await filesIn(storage)).toEqual([]);
});
