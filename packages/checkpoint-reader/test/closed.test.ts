import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { asyncDispose, toTensor } from "@tfsaver/core";
import { SlicesReader, SlicesWriter } from "@tfsaver/saved-tensor-slices";
import { MemoryStorage } from "@tfsaver/storage";
import { BundleReader, BundleWriter } from "@tfsaver/tensor-bundle";
import { CountingStorage } from "@tfsaver/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { filesIn } from "../../../fixtures/storage-files.js";

let storage: MemoryStorage;

beforeEach(async () => {
  storage = new MemoryStorage();
  const bundle = new BundleWriter("v2", { storage });
  await bundle.add("a", toTensor([1, 2]));
  await bundle.finish();
  const slices = new SlicesWriter("v1", { storage });
  slices.add("a", toTensor([1, 2]));
  await slices.finish();
});

/** Runs a call, which may fail at once, and takes all that it yields. */
async function finish(call: () => unknown): Promise<void> {
  const result = await call();
  const isIterable = typeof result === "object" && result !== null && Symbol.asyncIterator in result;
  if (isIterable) for await (const _ of result as AsyncIterable<unknown>);
}

describe.each(["v1", "v2"])("a closed reader of %s", (prefix) => {
  it("says in every call that it is closed, and names the checkpoint", async () => {
    const reader = await openCheckpoint(prefix, { storage });
    await reader.close();
    await reader.close();
    const target = new Uint8Array(8);
    const calls: (() => unknown)[] = [
      () => reader.has("a"),
      () => reader.info("a"),
      () => reader.infos(["a"]),
      () => reader.tensors(),
      () => reader.get("a"),
      () => reader.getInto("a", target),
      () => reader.getEach(),
      () => reader.getEach([{ name: "a" }]),
      () => reader.getAll([{ name: "a" }]),
      () => reader.plan([{ name: "a" }]),
    ];
    for (const call of calls) {
      await expect(finish(call), String(call)).rejects.toMatchObject({
        kind: "FailedPreconditionError",
        path: prefix,
        message: `${prefix}: this reader is closed. Open the checkpoint again`,
      });
    }
    expect(reader.prefix).toBe(prefix);
  });

  it("says so too after it knew the tensor, or while it reads", async () => {
    const reader = await openCheckpoint(prefix, { storage });
    await reader.infos(new Array(100).fill("a"));
    const reading = reader.getEach([{ name: "a" }, { name: "a" }])[Symbol.asyncIterator]();
    await reader.close();
    for (const call of [() => reader.has("a"), () => reading.next()]) {
      await expect(finish(call)).rejects.toMatchObject({ kind: "FailedPreconditionError", path: prefix });
    }
  });

  it("is closed at the end of a block with `await using`", async () => {
    const counting = new CountingStorage(storage);
    const reader = await openCheckpoint(prefix, { storage: counting });
    await reader[asyncDispose]();
    await expect(reader.get("a")).rejects.toMatchObject({ kind: "FailedPreconditionError" });
    expect(asyncDispose).toBe(Symbol.asyncDispose);
  });
});

it("a closed reader of a format says so in every call", async () => {
  const bundle = await BundleReader.open("v2", { storage });
  const entry = await bundle.entry("a");
  if (entry === undefined) throw new Error("There is no tensor a");
  await bundle[asyncDispose]();
  const slices = await SlicesReader.open("v1", { storage });
  await slices[asyncDispose]();
  const target = new Uint8Array(8);
  const calls: (() => unknown)[] = [
    () => bundle.entry("a"),
    () => bundle.entriesOf(["a"]),
    () => bundle.entries(),
    () => bundle.entriesOrErrors(),
    () => bundle.storedSize(entry),
    () => bundle.get("a"),
    () => bundle.getInto("a", target),
    () => bundle.verify(entry),
    () => bundle.dataSize(0),
    () => slices.entries(),
    () => slices.entry("a"),
    () => slices.require("a"),
    () => slices.get("a"),
    () => slices.getInto("a", target),
    () => slices.plan("a"),
    () => slices.damagedBlocks(),
  ];
  for (const call of calls) {
    await expect(finish(call), String(call)).rejects.toMatchObject({ kind: "FailedPreconditionError" });
  }
});

describe("a writer in a block with `await using`", () => {
  it("leaves nothing if it is not finished, and all if it is", async () => {
    const before = await filesIn(storage);
    const abandoned = new BundleWriter("m", { storage });
    await abandoned.add("a", toTensor([1, 2]));
    await abandoned[asyncDispose]();
    expect(await filesIn(storage)).toEqual(before);
    const finished = new BundleWriter("m", { storage });
    await finished.finish();
    await finished[asyncDispose]();
    expect(await filesIn(storage)).toEqual(["m.data-00000-of-00001", "m.index", ...before]);
  });
});
