import { debugString, openCheckpoint } from "@tfsaver/checkpoint-reader";
import { toTensor } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import { Saver } from "@tfsaver/saver";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { errorOf, initializedSession, nestedValues } from "../model.js";

describe.each([1, 2])("a saver's checkpoint of format V%s", (writeVersion) => {
  it("can be inspected: names, dtypes, shapes and values", async () => {
    const storage = new MemoryStorage();
    const graph = new Graph();
    const rows = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    Variable.create(rows, { graph, name: "v0" });
    Variable.create(toTensor([[["a"], ["b"]]]), { graph, name: "v1" });
    const saver = new Saver({ graph, storage, writeVersion, onWarning: () => {} });
    await saver.save(await initializedSession(graph, storage), "model");

    const reader = await openCheckpoint("model", { storage });
    expect(await Promise.all(["v0", "v1", "v3"].map((name) => reader.has(name)))).toEqual([true, true, false]);
    expect(new TextDecoder().decode(await debugString(reader))).toBe("v0 (DT_FLOAT) [2,3]\nv1 (DT_STRING) [1,2,1]\n");
    const shapes: Record<string, unknown> = {};
    for await (const { name, dtype, shape } of reader.tensors()) shapes[name] = [dtype, shape];
    expect(shapes).toEqual({ v0: ["float32", [2, 3]], v1: ["string", [1, 2, 1]] });
    expect(nestedValues(await reader.get("v0"))).toEqual(rows);
    expect(nestedValues(await reader.get("v1"))).toEqual([[["a"], ["b"]]]);
    expect(await errorOf(() => reader.get("v3"))).toMatchObject({
      kind: "NotFoundError",
      message: expect.stringContaining("v3 not found in checkpoint"),
    });
    await reader.close();
  });
});

it("inspecting a missing checkpoint fails", async () => {
  expect(await errorOf(() => openCheckpoint("nonexistent", { storage: new MemoryStorage() }))).toMatchObject({
    kind: "NotFoundError",
    message: expect.stringContaining("Unsuccessful TensorSliceReader"),
  });
});
