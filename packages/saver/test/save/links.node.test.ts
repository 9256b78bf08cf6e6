import { existsSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeStorage } from "@tfsaver/storage/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { smallModel } from "../model.js";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "links-"));
  for (const name of ["run", "other"]) mkdirSync(join(root, name));
  for (const ending of ["index", "data-00000-of-00001", "meta"]) writeFileSync(join(root, `other/m-1.${ending}`), "x");
});
afterEach(() => rmSync(root, { recursive: true }));

const others = () =>
  ["index", "data-00000-of-00001", "meta"].map((ending) => existsSync(join(root, `other/m-1.${ending}`)));

test("retention follows no link out of its folder", async () => {
  symlinkSync(join(root, "other"), join(root, "run/link"));
  symlinkSync(join(root, "other/m-1.index"), join(root, "run/m-1.index"));
  writeFileSync(
    join(root, "run/checkpoint"),
    'model_checkpoint_path: "m-1"\nall_model_checkpoint_paths: "link/m-1"\nall_model_checkpoint_paths: "m-1"\n',
  );
  for (const recover of [true, false]) {
    const { saver, session } = await smallModel({ storage: new NodeStorage(), maxToKeep: 1, recover });
    const run = join(root, "run");
    if (!recover) await saver.recoverLastCheckpoints([join(run, "link/m-1"), join(run, "m-1")]);
    for (const globalStep of [2, 3, 4]) await saver.save(session, join(run, "m"), { globalStep });
    expect(others()).toEqual([true, true, true]);
  }
  // The link itself lay in the folder.
  expect(lstatSync(join(root, "run/m-1.index"), { throwIfNoEntry: false })).toBeUndefined();
});
