import { fullSlice, toTensor } from "@tfsaver/core";
import { SlicesWriter } from "@tfsaver/saved-tensor-slices";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { lyingTensors } from "../../../fixtures/lying-tensors.js";
import { rejection } from "../../../fixtures/rejection.js";
import { filesIn } from "../../../fixtures/storage-files.js";

describe.each(lyingTensors)("$what", ({ value, message }) => {
  it("is refused when it is added", () => {
    const writer = new SlicesWriter("m", { storage: new MemoryStorage() });
    expect(() => writer.add("w", value)).toThrow(
      expect.objectContaining({ kind: "InvalidArgumentError", tensor: "w", message: expect.stringContaining(message) }),
    );
    expect(() => writer.addSlice("w", { shape: [8], slice: fullSlice(1) }, value)).toThrow(message);
  });

  it("is refused when it is read later, and leaves no file", async () => {
    const storage = new MemoryStorage();
    const writer = new SlicesWriter("m", { storage });
    writer.add("w", { dtype: "float32", shape: [2], read: async () => value });
    expect(await rejection(writer.finish())).toMatchObject({ kind: "InvalidArgumentError", tensor: "w" });
    expect(await filesIn(storage)).toEqual([]);
  });
});

it.each([
  ["another dtype", toTensor([1, 2], "int32"), "but read() returned int32 [2]"],
  ["another shape", toTensor([1, 2, 3]), "but read() returned float32 [3]"],
])("a deferred tensor that turns out to have %s is refused", async (_, tensor, message) => {
  const writer = new SlicesWriter("m", { storage: new MemoryStorage() });
  writer.add("w", { dtype: "float32", shape: [2], read: async () => tensor });
  expect((await rejection(writer.finish())).message).toContain(message);
});

it("names that have no bytes in UTF-8 are refused: two could become one", () => {
  const writer = new SlicesWriter("m", { storage: new MemoryStorage() });
  for (const name of ["\ud800", "a\udc00b"]) {
    expect(() => writer.add(name, toTensor(1))).toThrow(`A tensor can't have the name ${JSON.stringify(name)}`);
  }
  writer.add("\u{1f600}", toTensor(1));
});
