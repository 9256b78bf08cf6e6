import { loadCheckpoint } from "@tfsaver/saver";
import { createDirectories, MemoryStorage } from "@tfsaver/storage";
import { expect, it } from "vitest";
import { putFile } from "../../../../fixtures/storage-files.js";
import { errorOf, smallModel } from "../model.js";

it("opens a checkpoint by its prefix, and the newest one of a folder", async () => {
  const storage = new MemoryStorage();
  await storage.createDirectory("run");
  const { saver, session } = await smallModel({ storage });
  for (const globalStep of [1, 2]) await saver.save(session, "run/m", { globalStep });
  for (const [path, prefix] of [
    ["run/m-1", "run/m-1"],
    ["run", "run/m-2"],
  ] as const) {
    const reader = await loadCheckpoint(path, { storage });
    expect(reader.prefix).toBe(prefix);
    expect((await reader.get("a")).data).toEqual(Float32Array.of(1, 2));
    await reader.close();
  }
});

it("opens the checkpoint of a SavedModel, the only one of a folder, and that of a state file with a name of its own", async () => {
  const storage = new MemoryStorage();
  await createDirectories(storage, "model/variables");
  await createDirectories(storage, "run");
  const { saver, session } = await smallModel({ storage });
  await saver.save(session, "model/variables/variables", { writeState: false, writeMetaGraph: false });
  await saver.save(session, "run/m", { writeState: false, writeMetaGraph: false });
  await putFile(storage, "run/best", 'model_checkpoint_path: "/gone/m"');
  for (const [path, prefix] of [
    ["model", "model/variables/variables"],
    ["model/variables", "model/variables/variables"],
    ["run", "run/m"],
    ["run/m.index", "run/m"],
    ["run/best", "run/m"],
  ] as const) {
    const reader = await loadCheckpoint(path, { storage });
    expect([path, reader.prefix]).toEqual([path, prefix]);
    await reader.close();
  }
  await saver.save(session, "run/n", { writeState: false, writeMetaGraph: false });
  expect(await errorOf(() => loadCheckpoint("run", { storage }))).toMatchObject({
    kind: "ValueError",
    message: expect.stringMatching(
      /^Couldn't find 'checkpoint' file or checkpoints in given directory run\. .*run\/m, run\/n/,
    ),
  });
});

it("says where it found none", async () => {
  const storage = new MemoryStorage();
  await storage.createDirectory("empty");
  expect(await errorOf(() => loadCheckpoint("empty", { storage }))).toMatchObject({
    kind: "ValueError",
    message: "Couldn't find 'checkpoint' file or checkpoints in given directory empty",
  });
  expect(await errorOf(() => loadCheckpoint("nowhere", { storage }))).toMatchObject({
    kind: "NotFoundError",
    message: expect.stringContaining("Failed to find any matching files for nowhere"),
  });
});
