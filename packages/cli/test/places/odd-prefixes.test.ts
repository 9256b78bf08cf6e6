import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { latestCheckpoint } from "@tfsaver/checkpoint-state";
import { toTensor } from "@tfsaver/core";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tfckpt } from "../run-cli.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tfckpt-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function save(prefix: string, value: number): Promise<void> {
  const writer = new BundleWriter(prefix);
  await writer.add("a", toTensor(value));
  await writer.finish();
}

/** Reads the tensor of the newest checkpoint of a folder, as a program does. */
async function latestValue(): Promise<unknown> {
  const prefix = await latestCheckpoint(folder);
  const reader = await openCheckpoint(prefix as string);
  const { data } = await reader.get("a");
  await reader.close();
  return data[0];
}

/** Prefixes that commands once misread: with an empty last part, as TensorFlow writes it, and with the state file's name. */
describe.each([
  ["an empty last part", ""],
  ["the name `checkpoint`", "checkpoint"],
])("a prefix with %s", (_, name) => {
  let prefix: string;
  beforeEach(async () => {
    prefix = `${folder}/${name}`;
    await save(prefix, 7);
  });

  it.each(["", ".index", ".data-00000-of-00001"])(
    "is found by ls, cat, verify, digest and convert: '%s'",
    async (ending) => {
      const path = prefix + ending;
      expect((await tfckpt(["ls", path])).stdout).toContain("1 tensor, 1 parameter, 4 B");
      expect(await tfckpt(["cat", path, "a"])).toMatchObject({ code: 0, stdout: "7.0\n", stderr: "" });
      expect((await tfckpt(["verify", path])).stdout).toBe(`${prefix}: 1 tensor, 4 B: all checksums match\n`);
      expect((await tfckpt(["digest", path])).stdout).toMatch(/^[0-9a-f]{64} {2}a\n$/);
      expect(await tfckpt(["convert", path, join(folder, "copy")])).toMatchObject({ code: 0, stderr: "" });
      expect((await tfckpt(["cat", join(folder, "copy"), "a"])).stdout).toBe("7.0\n");
    },
  );

  it("is one of the checkpoints of its folder", async () => {
    const { code, stdout } = await tfckpt(["verify", folder]);
    expect(code).toBe(0);
    expect(stdout).toContain(`newest good checkpoint: ${prefix}\n`);
    expect((await tfckpt(["cat", folder, "a"])).stdout).toBe("7.0\n");
  });

  it("is named by repair-state so that a reader finds it, and once", async () => {
    for (const content of [undefined, "", `model_checkpoint_path: "${folder}/gone"`]) {
      if (content !== undefined) writeFileSync(`${folder}/checkpoint`, content);
      expect(await tfckpt(["repair-state", folder])).toMatchObject({ code: 0 });
      expect(await latestValue()).toBe(7);
      expect(await tfckpt(["repair-state", folder])).toMatchObject({
        stdout: expect.stringContaining("needs no repair"),
      });
      expect((await tfckpt(["verify", folder])).stdout.match(/^good/gm)).toHaveLength(1);
    }
  });

  it("is named beside others, in a folder given by a relative path, too", async () => {
    await save(`${folder}/m-1`, 1);
    const before = process.cwd();
    process.chdir(folder);
    try {
      for (const path of [".", `../${folder.split("/").at(-1)}`, "./"]) {
        rmSync(`${folder}/checkpoint`, { force: true });
        expect(await tfckpt(["repair-state", path])).toMatchObject({ code: 0 });
        expect([1, 7]).toContain(await latestValue());
        expect(readFileSync(`${folder}/checkpoint`, "utf8").match(/all_model/g)).toHaveLength(2);
      }
    } finally {
      process.chdir(before);
    }
  });

  it("stays when clean removes leftovers", async () => {
    writeFileSync(`${folder}/m.index.tempstate5`, "x");
    writeFileSync(`${prefix}.index.tempstate7`, "x");
    expect(await tfckpt(["clean", folder, "--older-than", "0", "--all-temporary"])).toMatchObject({ code: 0 });
    expect(readdirSync(folder).sort()).toEqual([`${name}.data-00000-of-00001`, `${name}.index`]);
    expect((await tfckpt(["cat", prefix, "a"])).stdout).toBe("7.0\n");
  });
});
