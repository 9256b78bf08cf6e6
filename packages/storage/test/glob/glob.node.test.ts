import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { NodeStorage } from "@tfsaver/storage/node";
import { expect, it } from "vitest";
import { expected, files, matches } from "./tensorflow-globs.js";

it("glob finds the same files on disk as TensorFlow", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tfsaver-glob-"));
  try {
    for (const file of files) {
      await mkdir(join(folder, dirname(file)), { recursive: true });
      await writeFile(join(folder, file), "");
    }
    expect(await matches(new NodeStorage(), `${folder}/`)).toEqual(expected);
  } finally {
    await rm(folder, { recursive: true });
  }
});
