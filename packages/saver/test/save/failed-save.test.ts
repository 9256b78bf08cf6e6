import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage } from "@tfsaver/storage";
import { DelayedStorage } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { errorOf, filesIn, smallModel, valuesOf } from "../model.js";

describe("a save that fails", () => {
  it("leaves a checkpoint of its path that still waits for its names", async () => {
    const { graph, a, b, saver, session, storage } = await smallModel();
    const path = await saver.save(session, "m");
    await storage.rename("m.index", "m.index.tempstate0");
    const uninitialized = new LocalSession(graph, { storage });
    expect(await errorOf(() => saver.save(uninitialized, "m"))).toMatchObject({ kind: "FailedPreconditionError" });
    expect(await latestCheckpoint("", { storage })).toBe(path);
    await saver.restore(uninitialized, "m");
    expect(await valuesOf(uninitialized, [a, b])).toEqual([[1, 2], 3]);
  });

  it("leaves no folder that it has made", async () => {
    const { graph, saver, storage } = await smallModel();
    const uninitialized = new LocalSession(graph, { storage });
    expect(await errorOf(() => saver.save(uninitialized, "new/m"))).toMatchObject({
      kind: "ValueError",
      cause: { kind: "FailedPreconditionError" },
    });
    expect(await filesIn(storage)).toEqual([]);
  });
});

it.each([1, 2, 3, 4, 5, 6])(
  "two first saves into a missing folder leave one of the two, whole (seed %d)",
  async (seed) => {
    const storage = new DelayedStorage(new MemoryStorage(), { seed });
    const [one, other] = [await smallModel({ storage }), await smallModel({ storage })];
    const { a, b } = other;
    await a.load([7, 8], other.session);
    await b.load(9, other.session);
    await Promise.all([one, other].map(({ saver, session }) => saver.save(session, "run/m")));
    const restored = new LocalSession(one.graph, { storage });
    await one.saver.restore(restored, "run/m");
    expect([
      [[1, 2], 3],
      [[7, 8], 9],
    ]).toContainEqual(await valuesOf(restored, [one.a, one.b]));
  },
);
