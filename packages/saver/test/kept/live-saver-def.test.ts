import type { SaverDef } from "@tfsaver/proto/saver";
import { MemoryStorage } from "@tfsaver/storage";
import { expect, it } from "vitest";
import { Model } from "../crash/history.js";

async function saverOf(options: object) {
  const storage = new MemoryStorage();
  const model = new Model();
  const saver = model.saver(storage, options);
  const session = await model.holding(1, storage);
  return { saver, save: (globalStep: number) => saver.save(session, "m", { globalStep }), storage };
}

it("a change of maxToKeep in the live SaverDef counts from the next save, as in TensorFlow", async () => {
  const { saver, save } = await saverOf({ maxToKeep: 2 });
  for (const step of [1, 2, 3]) await save(step);
  expect(saver.lastCheckpoints).toEqual(["m-2", "m-3"]);
  (saver.asSaverDef() as SaverDef).maxToKeep = 3;
  await save(4);
  expect(saver.lastCheckpoints).toEqual(["m-2", "m-3", "m-4"]);
  (saver.asSaverDef() as SaverDef).maxToKeep = 0;
  await save(5);
  expect(saver.lastCheckpoints).toEqual(["m-2", "m-3", "m-4"]);
});

it("a change of keepCheckpointEveryNHours counts from the next deadline", async () => {
  let hours = 0;
  const { saver, save, storage } = await saverOf({
    maxToKeep: 1,
    keepCheckpointEveryNHours: 1000,
    clock: () => hours * 3_600_000,
  });
  (saver.asSaverDef() as SaverDef).keepCheckpointEveryNHours = 1;
  for (const step of [1, 2]) {
    hours = 1000 + step;
    await save(step);
  }
  // The first deadline is the old one, after 1000 hours: the first checkpoint was saved behind it.
  expect(await storage.stat("m-1.index")).toBeDefined();
  hours = 1003;
  await save(3);
  // The next deadline came one hour later, by the new number.
  expect(await storage.stat("m-2.index")).toBeDefined();
});
