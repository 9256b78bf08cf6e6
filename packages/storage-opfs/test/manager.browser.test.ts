import { withPrefix } from "@tfsaver/storage/wrappers";
import { expect, test } from "vitest";
import { saveSteps, startRun } from "../../checkpoint-manager/test/model.js";
import { freshFolder } from "./fresh-folder.js";

test("a CheckpointManager goes on from its latest checkpoint after the page was loaded again", async () => {
  const { storage: whole, root, cleanup } = await freshFolder();
  const storage = withPrefix(whole, root);
  const first = startRun({ storage, saverOptions: { maxToKeep: 2 } });
  await saveSteps(first, [10, 20, 30]);
  await first.manager.close();

  const second = startRun({ storage, saverOptions: { maxToKeep: 2 } });
  expect(await second.manager.restoreOrInitialize()).toMatchObject({ step: 30 });
  expect(await second.get()).toBe(30);
  await saveSteps(second, [40]);
  await second.manager.close();
  const names = (await storage.list("run")).map(({ name }) => name).filter((name) => name.endsWith(".index"));
  expect(names.sort()).toEqual(["model.ckpt-30.index", "model.ckpt-40.index"]);
  expect(first.warnings.concat(second.warnings)).toEqual([]);
  await cleanup?.();
});
