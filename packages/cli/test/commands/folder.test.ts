import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { tfckpt } from "../run-cli.js";

const state = readFileSync(join(goldensFolder, "v2-with-meta/checkpoint"), "utf8");

let temporary: string;
/** A copy of a folder with two checkpoints. Its name has characters that a shell or a log could misread. */
let folder: string;

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "tfckpt-"));
  folder = join(temporary, "a [folder]* of\nmodels?");
  cpSync(join(goldensFolder, "v2-with-meta"), folder, { recursive: true });
});
afterEach(() => rmSync(temporary, { recursive: true }));

const printed = () => JSON.stringify(folder).slice(1, -1);

describe("tfckpt verify FOLDER", () => {
  it("lists the good checkpoints, and names the newest", async () => {
    const { code, stdout, stderr } = await tfckpt(["verify", folder]);
    expect([code, stderr]).toEqual([0, ""]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines.slice(-2)[0]).toBe("good     model.ckpt-7  V2, 15 tensors, 580 B");
    expect(lines.at(-1)).toContain("newest good checkpoint: ");
    expect(lines.at(-1)).toContain("model.ckpt-7");
    expect(lines.slice(0, -1).every((line) => line.startsWith("good "))).toBe(true);
  });

  it("lists the damaged checkpoints, and exits with 1", async () => {
    writeFileSync(join(folder, "model.ckpt-7.data-00000-of-00001"), "");
    const { code, stdout, stderr } = await tfckpt(["verify", folder]);
    expect(code).toBe(1);
    const lines = stdout.split("\n");
    const at = lines.indexOf("damaged  model.ckpt-7  V2, 0 tensors, 0 B");
    const [likely, first, second, third, more] = lines.slice(at + 1);
    expect(likely).toMatch(
      /^ {2}.*00000-of-00001 is truncated: 0 bytes, expected 580\. .* Affected tensors: .* and 10 more\.$/,
    );
    for (const line of [first, second, third])
      expect(line).toMatch(/^ {2}.*model\.ckpt-7\.data-00000-of-00001:\d+: \S+: /);
    expect(more).toMatch(/^ {2}and 12 more: run tfckpt verify .*model\.ckpt-7"?$/);
    expect(stdout).toMatch(/^newest good checkpoint: .*model\.ckpt-6"?$/m);
    expect(stderr).toMatch(/^tfckpt: .*: 1 of \d+ checkpoints damaged\n$/);
  });

  it("prints the same report as JSON", async () => {
    writeFileSync(join(folder, "model.ckpt-7.index"), "<html>");
    const { code, stdout } = await tfckpt(["verify", folder, "--json"]);
    expect(code).toBe(1);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ folder, good: false, newestGood: join(folder, "model.ckpt-6"), problems: [] });
    expect(report.checkpoints.at(-1)).toMatchObject({ prefix: join(folder, "model.ckpt-7"), good: false });
    const one = await tfckpt(["verify", join(folder, "model.ckpt-6"), "--json"]);
    expect(JSON.parse(one.stdout)).toMatchObject({ good: true, problems: [] });
  });

  it("reports that an empty folder has no checkpoint", async () => {
    const empty = mkdtempSync(join(temporary, "empty-"));
    expect(await tfckpt(["verify", empty])).toMatchObject({ code: 3, stderr: `tfckpt: No checkpoint in ${empty}\n` });
  });
});

describe("tfckpt repair-state", () => {
  it("replaces a broken state file, and keeps the old one", async () => {
    writeFileSync(join(folder, "checkpoint"), "model_check");
    expect((await tfckpt(["verify", folder])).stderr).toContain("tfckpt repair-state rebuilds it");
    const before = readdirSync(folder);
    const json = JSON.parse((await tfckpt(["repair-state", folder, "-n", "--json"])).stdout);
    expect(json).toMatchObject({
      changed: true,
      dryRun: true,
      checkpoints: expect.any(Array),
      file: expect.any(String),
    });
    const dry = await tfckpt(["repair-state", folder, "--dry-run"]);
    expect(dry.code).toBe(0);
    expect(dry.stdout).toMatch(
      /would name \d+ checkpoints?:\n(.*\n)*the old file would be kept as .*checkpoint\.broken"?\n$/,
    );
    expect(readdirSync(folder)).toEqual(before);
    const { code, stdout } = await tfckpt(["repair-state", folder]);
    expect(code).toBe(0);
    expect(stdout).toContain(printed());
    expect(readFileSync(join(folder, "checkpoint"), "utf8")).toBe(state);
    expect(readFileSync(join(folder, "checkpoint.broken"), "utf8")).toBe("model_check");
    expect((await tfckpt(["repair-state", folder])).stdout).toContain("needs no repair");
  });

  it("leaves out damaged checkpoints, with a warning", async () => {
    writeFileSync(join(folder, "model.ckpt-7.index"), "");
    const { code, stderr } = await tfckpt(["repair-state", folder]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^tfckpt: warning: .*model\.ckpt-7 is damaged and will not be named\n$/);
    expect(readFileSync(join(folder, "checkpoint"), "utf8")).toMatch(/^model_checkpoint_path: "model\.ckpt-6"\n/);
  });

  it.each(["missing", "empty"])("exits with 3 for a folder that is %s", async (name) => {
    const path = name === "empty" ? mkdtempSync(join(temporary, "empty-")) : join(temporary, name);
    expect((await tfckpt(["repair-state", path])).code).toBe(3);
  });
});
