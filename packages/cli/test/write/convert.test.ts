import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { goldenRecord, goldensFolder } from "../../../../fixtures/goldens.js";
import { tfckpt } from "../run-cli.js";

let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "tfckpt-"));
});
afterEach(() => rmSync(temporary, { recursive: true }));

describe("tfckpt convert", () => {
  it("writes a V2 checkpoint as sharded V1, which digests the same, and back", async () => {
    const source = `${goldensFolder}v2-with-meta`;
    const before = await tfckpt(["digest", source, "--json"]);
    const there = await tfckpt(["convert", source, join(temporary, "old"), "--version", "v1", "--shards", "3"]);
    expect(there).toMatchObject({
      code: 0,
      stdout: `${join(temporary, "old")}-?????-of-00003: 15 tensors in 3 shards, V1\n`,
    });
    const back = await tfckpt(["convert", join(temporary, "old"), join(temporary, "new")]);
    expect(back).toMatchObject({ code: 0, stdout: `${join(temporary, "new")}: 15 tensors in 1 shard, V2\n` });
    expect((await tfckpt(["digest", join(temporary, "new"), "--json"])).stdout).toBe(before.stdout);
    expect(readdirSync(temporary).sort()).toEqual([
      "new.data-00000-of-00001",
      "new.index",
      "old-00000-of-00003",
      "old-00001-of-00003",
      "old-00002-of-00003",
    ]);
  });

  it("refuses invalid arguments, and reports missing files", async () => {
    const source = `${goldensFolder}v2-with-meta`;
    expect(await tfckpt(["convert", source])).toMatchObject({ code: 2 });
    expect(await tfckpt(["convert", source, "x", "--version", "v3"])).toMatchObject({ code: 2 });
    expect(await tfckpt(["convert", source, "x", "--shards", "0"])).toMatchObject({ code: 2 });
    expect(await tfckpt(["convert", join(temporary, "none"), "x"])).toMatchObject({ code: 3 });
    const nowhere = join(temporary, "no", "folder", "x");
    expect(await tfckpt(["convert", source, nowhere])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("no"),
    });
    expect(readdirSync(temporary)).toEqual([]);
  });

  it.each(["v1", "v2"])("does not write %s over a checkpoint of either format", async (version) => {
    const source = `${goldensFolder}v2-with-meta`;
    for (const [name, ...there] of [
      ["two"],
      ["one", "--version", "v1"],
      ["many", "--version", "v1", "--shards", "2"],
    ]) {
      const destination = join(temporary, name as string);
      expect(await tfckpt(["convert", source, destination, ...there])).toMatchObject({ code: 0 });
      const before = await tfckpt(["digest", destination]);
      expect(await tfckpt(["convert", source, destination, "--version", version])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("exists already: choose another prefix"),
      });
      expect(await tfckpt(["digest", destination])).toEqual(before);
    }
    expect(await tfckpt(["convert", source, `${temporary}/`, "--version", version])).toMatchObject({ code: 2 });
    expect(readdirSync(temporary)).toHaveLength(5);
  });
});

describe("tfckpt ls", () => {
  it("shows the places of tensors and slices with --verbose", async () => {
    const path = `${goldensFolder}v2-sharded/five/model.ckpt-100`;
    const rows = JSON.parse((await tfckpt(["ls", path, "--verbose", "--json"])).stdout);
    const sliced = rows.filter((row: { slices?: unknown }) => row.slices !== undefined);
    const record = goldenRecord("v2-sharded").checkpoints.find(({ prefix }: { prefix: string }) =>
      prefix.startsWith("five"),
    );
    for (const { name, slices } of sliced) {
      const wanted = record.tensors[name].slices.sort();
      expect(slices.map(({ slice }: { slice: string }) => slice).sort()).toEqual(wanted);
      expect(new Set(slices.map(({ file }: { file: string }) => file)).size).toBeGreaterThan(1);
    }
    expect(sliced).not.toHaveLength(0);
    const { stdout } = await tfckpt(["ls", path, "-v"]);
    expect(stdout).toContain("  0,2:0,3");
    expect(stdout).toContain("model.ckpt-100.data-00003-of-00005");
  });

  it("lists the names and keys of objects with --objects", async () => {
    const rows = JSON.parse(
      (await tfckpt(["ls", `${goldensFolder}object-based/ckpt-1`, "--objects", "--json"])).stdout,
    );
    const record = goldenRecord("object-based").checkpoints.find(
      ({ prefix }: { prefix: string }) => prefix === "ckpt-1",
    );
    const wanted = record.object_graph.flatMap(
      ({ attributes }: { attributes: { full_name?: string; checkpoint_key: string }[] }, object: number) =>
        attributes.map(({ full_name = "", checkpoint_key }) => ({ name: full_name, key: checkpoint_key, object })),
    );
    expect(rows).toEqual(wanted);
    expect(await tfckpt(["ls", `${goldensFolder}v2-with-meta`, "--objects"])).toMatchObject({ code: 3 });
  });
});
