import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { docs } from "../../docs/build/site.js";
import { root } from "../workspace.js";

test("the pages, READMEs and changesets are spelled right, or with words of docs/words.txt", () => {
  const cspell = join(docs, "node_modules/.bin/cspell");
  const args = ["--config", join(docs, "cspell.json"), "--root", root, "--no-progress", "--no-summary"];
  const { stdout, stderr } = spawnSync(cspell, args, { cwd: root, encoding: "utf8" });
  expect(stdout + stderr).toBe("");
});
