import { loadCheckpoint } from "@tfsaver/saver";
import { MemoryStorage } from "@tfsaver/storage";
import { expect, it } from "vitest";
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

it("reports the folder without a checkpoint", async () => {
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
