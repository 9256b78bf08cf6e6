import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { tfckpt } from "../run-cli.js";

const SOURCE = `${goldensFolder}v2-with-meta`;

let temporary: string;
const at = (name: string) => join(temporary, name);
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "tfckpt-"));
});
afterEach(() => rmSync(temporary, { recursive: true }));

describe.each([
  ["safetensors", "m.safetensors"],
  ["npz", "m.npz"],
])("tfckpt convert to %s", (format, name) => {
  it("writes the format that the ending means, and reads it back to the same digests", async () => {
    const there = await tfckpt(["convert", SOURCE, at(name)]);
    expect(there).toMatchObject({ code: 0, stdout: `${at(name)}: 15 tensors in 1 shard, ${format}\n`, stderr: "" });
    expect(await tfckpt(["convert", at(name), at("back"), "--version", "v1"])).toMatchObject({ code: 0 });
    const [before, after] = [await tfckpt(["digest", SOURCE]), await tfckpt(["digest", at("back")])];
    expect(after.stdout).toBe(before.stdout);
  });

  it("writes it under any name with --to, and prints a report with --json", async () => {
    const { stdout, code } = await tfckpt(["convert", SOURCE, at("weights"), "--to", format, "--json"]);
    expect(code).toBe(0);
    const report = { path: at("weights"), format, tensors: 15, shards: 1, cast: [], dropped: [], dryRun: false };
    expect(JSON.parse(stdout)).toEqual(report);
  });

  it("writes nothing with --dry-run, over a file, over the source, to a missing folder, or from a damaged file", async () => {
    expect(await tfckpt(["convert", SOURCE, at(name), "--dry-run"])).toMatchObject({
      code: 0,
      stdout: `would write ${at(name)}: 15 tensors in 1 shard, ${format}\n`,
    });
    expect(readdirSync(temporary)).toEqual([]);
    expect(await tfckpt(["convert", SOURCE, at(`no/${name}`)])).toMatchObject({ code: 2 });
    expect(await tfckpt(["convert", at(name), at("x")])).toMatchObject({ code: 3 });
    await tfckpt(["convert", SOURCE, at(name)]);
    const before = readFileSync(at(name));
    const over = await tfckpt(["convert", SOURCE, at(name)]);
    expect(over).toMatchObject({ code: 2, stderr: expect.stringContaining("exists already") });
    const itself = await tfckpt(["convert", at(name), at(name), "--force"]);
    expect(itself).toMatchObject({ code: 2, stderr: expect.stringContaining("is the source itself") });
    expect(readFileSync(at(name)).equals(before)).toBe(true);
    expect(await tfckpt(["convert", SOURCE, at(name), "--force"])).toMatchObject({ code: 0 });
    writeFileSync(at(name), before.subarray(0, -9));
    const damaged = await tfckpt(["convert", at(name), at("x")]);
    expect(damaged).toMatchObject({ code: 1, stderr: expect.stringMatching(/^tfckpt: .*damaged.*\n$/) });
    expect(readdirSync(temporary)).toEqual([name]);
  });

  it("stops on an interrupt, and leaves nothing", async () => {
    const { code } = await tfckpt(["convert", SOURCE, at(name)], { signal: AbortSignal.abort() });
    expect(code).toBe(130);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe("tfckpt convert", () => {
  it("names the tensors that a format can't hold, and the options that allow it", async () => {
    const source = `${goldensFolder}v2-all-dtypes/all`;
    const refused = await tfckpt(["convert", source, at("m.safetensors")]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("t/complex128 (complex128)");
    expect(refused.stderr).toContain("t/string (string)");
    expect(refused.stderr).toContain("--drop-unsupported");
    const made = await tfckpt(["convert", source, at("m.safetensors"), "--cast", "--drop-unsupported"]);
    expect(made.stdout).toContain("cast t/int4 from int4 to int8\n");
    expect(made.stdout).toContain("left out t/string\n");
    expect(readdirSync(temporary)).toEqual(["m.safetensors"]);
  });

  it("writes shards of safetensors, and reads them by their index", async () => {
    const index = at("m.safetensors.index.json");
    const made = await tfckpt(["convert", SOURCE, at("m.safetensors"), "--shards", "3"]);
    expect(made).toMatchObject({ code: 0, stdout: `${index}: 15 tensors in 3 shards, safetensors\n` });
    await tfckpt(["convert", index, at("back")]);
    expect((await tfckpt(["digest", at("back")])).stdout).toBe((await tfckpt(["digest", SOURCE])).stdout);
  });

  it("writes weights of TensorFlow.js beside a model.json, and reads them", async () => {
    expect(await tfckpt(["convert", SOURCE, at("model.json")])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("TensorFlow.js can't hold 1 of 15 tensors bit for bit: global_step (int64)."),
    });
    const made = await tfckpt(["convert", SOURCE, at("model.json"), "--cast", "--shards", "2"]);
    expect(made.stdout).toBe(
      `${at("model.json")}: 15 tensors in 2 shards, tfjs\ncast global_step from int64 to int32\n`,
    );
    expect(readdirSync(temporary)).toEqual(["group1-shard1of2.bin", "group1-shard2of2.bin", "model.json"]);
    const back = await tfckpt(["convert", at("model.json"), at("back")]);
    expect(back).toMatchObject({ code: 0, stdout: `${at("back")}: 15 tensors in 1 shard, V2\n` });
    const digests = (await tfckpt(["digest", SOURCE])).stdout.split("\n").slice(0, 14);
    expect((await tfckpt(["digest", at("back")])).stdout.split("\n").slice(0, 14)).toEqual(digests);
  });

  it.each(["small.keras", "small.weights.h5"])("reads %s of Keras, and writes none", async (name) => {
    const source = fileURLToPath(new URL(`../../../../fixtures/keras/${name}`, import.meta.url));
    const made = await tfckpt(["convert", source, at("m")]);
    expect(made).toMatchObject({ code: 0, stdout: `${at("m")}: 22 tensors in 1 shard, V2\n` });
    expect((await tfckpt(["ls", at("m")])).stdout).toMatch(/^layers\/conv2d\/vars\/0 +float32 +\[3,3,1,2\] +72 B$/m);
    expect(await tfckpt(["convert", SOURCE, at(name)])).toMatchObject({ code: 2 });
  });

  it("reads files by their content, whatever their names are", async () => {
    for (const format of ["safetensors", "npz", "tfjs"]) {
      const file = at(`${format}.other`);
      expect(await tfckpt(["convert", SOURCE, file, "--to", format, "--cast"])).toMatchObject({ code: 0 });
      expect(await tfckpt(["convert", file, at(`${format}-back`)])).toMatchObject({ code: 0 });
      const digests = (await tfckpt(["digest", at(`${format}-back`)])).stdout.split("\n").slice(0, 14);
      expect(digests).toEqual((await tfckpt(["digest", SOURCE])).stdout.split("\n").slice(0, 14));
      const listed = await tfckpt(["ls", file]);
      expect(listed).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("tfckpt convert makes a checkpoint of"),
      });
      expect(listed.stderr).not.toContain("message of a server");
    }
    expect((await tfckpt(["convert", SOURCE, at("s.safetensors"), "--shards", "2"])).code).toBe(0);
    const index = await tfckpt(["ls", at("s.safetensors.index.json")]);
    expect(index.stderr).toContain("is the index of safetensors files");
  });

  it("writes several models of TensorFlow.js into one folder, and a model.json into a folder", async () => {
    for (const name of ["a.json", "b.json"]) {
      expect(await tfckpt(["convert", SOURCE, at(name), "--to", "tfjs", "--cast"])).toMatchObject({ code: 0 });
    }
    expect(await tfckpt(["convert", SOURCE, at(""), "--to", "tfjs", "--cast"])).toMatchObject({ code: 0 });
    expect(readdirSync(at("")).sort()).toEqual([
      "a-group1-shard1of1.bin",
      "a.json",
      "b-group1-shard1of1.bin",
      "b.json",
      "group1-shard1of1.bin",
      "model.json",
    ]);
  });

  it("replaces a checkpoint with --force, but not the source", async () => {
    await tfckpt(["convert", SOURCE, at("m")]);
    const before = await tfckpt(["digest", at("m")]);
    expect(await tfckpt(["convert", `${goldensFolder}v2-scalars-and-empty`, at("m")])).toMatchObject({ code: 2 });
    const itself = await tfckpt(["convert", at("m"), at("./m"), "--force", "--version", "v1"]);
    expect(itself).toMatchObject({ code: 2, stderr: expect.stringContaining("is the source itself") });
    expect(await tfckpt(["digest", at("m")])).toEqual(before);
    const dry = await tfckpt(["convert", SOURCE, at("new/m"), "--dry-run", "--version", "v1", "--shards", "2"]);
    expect(dry.stdout).toBe(`would write ${at("new/m")}-?????-of-00002: 15 tensors in 2 shards, V1\n`);
    expect(await tfckpt(["convert", SOURCE, at("m"), "--force", "--version", "v1"])).toMatchObject({ code: 0 });
    expect((await tfckpt(["digest", at("m")])).stdout).toBe((await tfckpt(["digest", SOURCE])).stdout);
  });
});
