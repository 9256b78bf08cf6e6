import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { defaultStorage } from "@tfsaver/storage/default";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Model } from "../crash/history.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tfsaver-one-path-"));
  mkdirSync(join(folder, "run"));
  symlinkSync(join(folder, "run"), join(folder, "link"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it.each([
  ["through a link of the folder", () => join(folder, "link/m")],
  ["relative to the working directory", () => relative(process.cwd(), join(folder, "run/m"))],
])("a path %s is the same checkpoint", async (_, spelling) => {
  const storage = defaultStorage();
  const model = new Model();
  const saver = model.saver(storage, { maxToKeep: 1 });
  await saver.save(await model.holding(10, storage), join(folder, "run/m"), { globalStep: 1 });
  const path = (await saver.save(await model.holding(20, storage), spelling(), { globalStep: 1 })) as string;
  expect(saver.lastCheckpoints).toEqual([path]);
  expect(await model.read(saver, path, storage)).toBe(20);
});
