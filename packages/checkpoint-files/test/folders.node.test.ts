import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findDebris, listCheckpoints } from "@tfsaver/checkpoint-files";
import { toTensor } from "@tfsaver/core";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { afterAll, beforeAll, expect, it } from "vitest";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tfsaver-folders-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

it("checkpoints are listed despite links to folders and broken links", async () => {
  const run = join(folder, "run");
  const writer = new BundleWriter(join(run, "m-1"));
  await writer.add("w", toTensor([1]));
  await writer.finish();
  symlinkSync(folder, join(run, "eval"));
  symlinkSync(join(folder, "gone"), join(run, "dangling"));
  expect((await listCheckpoints(run)).map(({ prefix }) => prefix)).toEqual([join(run, "m-1")]);
});

it("an empty folder is not debris, whatever size the file system reports", async () => {
  const parts = join(folder, "my_temp");
  mkdirSync(parts);
  utimesSync(parts, 1e9, 1e9);
  expect(await findDebris(folder)).toEqual([]);
});
