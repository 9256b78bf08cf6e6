import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toTensor } from "@tfsaver/core";
import { MemoryStorage } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { tfckpt } from "../run-cli.js";

const model = `${goldensFolder}v2-with-meta`;
const at = (step: number) => `${model}/model.ckpt-${step}`;

describe("tfckpt stat", () => {
  it("prints a line for each tensor or scope, and one for all", async () => {
    const { code, stdout } = await tfckpt(["stat", model, "dense2/*"]);
    const lines = stdout.split("\n");
    expect([code, lines.length]).toEqual([0, 9]);
    expect(lines[0]).toMatch(/^name +min +max +mean +std +l2 +zeros +nan +inf +histogram$/);
    expect(lines[1]).toMatch(/^dense2\/bias +-0\.06966 +-0\.06957 +-0\.06962 /);
    expect(lines.at(-2)).toMatch(/^6 tensors /);
    const scopes = (await tfckpt(["stat", model, "--scopes"])).stdout.split("\n");
    expect(scopes.map((line) => line.split("  ")[0])).toEqual([
      ...["name", "(no scope)", "dense1", "dense2", "15 tensors", ""],
    ]);
  });

  it("prints quantiles and a histogram of a single tensor, and numbers as JSON", async () => {
    const { stdout } = await tfckpt(["stat", model, "dense1/kernel:0"]);
    expect(stdout).toMatch(/^dense1\/kernel {2}float32 {2}\[6,5\]\nelements +30\n/);
    expect(stdout).toMatch(/\n50% +0\.1722\n/);
    expect(stdout).toContain("█");
    const { tensors, total } = JSON.parse((await tfckpt(["stat", model, "global_step", "--json"])).stdout);
    expect(tensors).toMatchObject([{ name: "global_step", min: 7, max: 7, mean: 7, nan: 0 }]);
    expect(total).toMatchObject({ elements: 1, mean: 7 });
  });

  it("fails on NaN or infinities if asked to", async () => {
    const storage = new MemoryStorage();
    const writer = new BundleWriter("m", { storage });
    await writer.add("a", toTensor([1, Number.NaN]));
    await writer.add("b", toTensor([1, Number.POSITIVE_INFINITY]));
    await writer.add("c", toTensor([2n ** 60n], "int64"));
    await writer.finish();
    const run = (...options: string[]) => tfckpt(["stat", "m", ...options], { storage });
    expect(await run()).toMatchObject({ code: 0 });
    expect(await run("--fail-on", "nan")).toMatchObject({ code: 1, stderr: "tfckpt: 1 tensor with nan: a\n" });
    expect(await run("--fail-on", "nan,inf")).toMatchObject({
      code: 1,
      stderr: "tfckpt: 2 tensors with nan,inf: a, b\n",
    });
    expect(await run("c", "--fail-on", "nan,inf")).toMatchObject({ code: 0 });
    expect(await run("--fail-on", "zero")).toMatchObject({ code: 2 });
    expect(await run("--depth", "0")).toMatchObject({ code: 2 });
    expect(JSON.parse((await run("c", "--json")).stdout).tensors[0].min).toBe(String(2n ** 60n));
  });
});

describe("tfckpt diff", () => {
  it("exits with 0 for equal checkpoints, also in other formats, and with 1 for different ones", async () => {
    expect(await tfckpt(["diff", at(7), model])).toMatchObject({ code: 0, stdout: "15 equal\n", stderr: "" });
    const { code, stdout } = await tfckpt(["diff", at(6), at(7), "--match", "dense1/bias", "--match", "global_step"]);
    expect(code).toBe(1);
    expect(stdout.split("\n")).toEqual([
      expect.stringMatching(/^ +name +what +largest +mean +cosine +equal$/),
      expect.stringMatching(/^changed {2}dense1\/bias +values +0\.009838 +0\.007775 +1\.000000 +20\.0 %$/),
      expect.stringMatching(/^changed {2}global_step +values +1 +1 +1\.000000 +0\.0 %$/),
      ...["2 changed, 0 equal", ""],
    ]);
    expect(await tfckpt(["diff", at(6), at(7), "--atol", "2"])).toMatchObject({ code: 0 });
  });

  it("prints the differences as JSON", async () => {
    const { stdout } = await tfckpt(["diff", at(6), at(7), "--json", "--match", "global_step"]);
    expect(JSON.parse(stdout)).toMatchObject({
      equal: false,
      changed: [{ name: "global_step", values: { largest: 1 } }],
    });
  });

  it("compares the graphs of meta files", async () => {
    const same = await tfckpt(["diff", `${at(6)}.meta`, `${at(7)}.meta`]);
    expect(same).toMatchObject({ code: 0, stdout: "operations: 243 equal\n" });
    const other = `${goldensFolder}resource-variables`;
    const [file = ""] = readdirSync(other).filter((name) => name.endsWith(".meta"));
    const different = await tfckpt(["diff", `${at(7)}.meta`, `${other}/${file}`]);
    expect(different.code).toBe(1);
    expect(different.stdout).toMatch(/removed +beta1_power\/read +Identity/);
    expect(different.stdout).toMatch(/operations: \d+ removed/);
    expect(JSON.parse((await tfckpt(["diff", `${at(7)}.meta`, `${other}/${file}`, "--json"])).stdout).equal).toBe(
      false,
    );
  });

  it.each([
    [[at(6)], 2],
    [[at(6), at(7), "--atol", "much"], 2],
    [[at(6), at(7), "--rtol", "-1"], 2],
    [[at(6), `${model}/none`], 3],
    [[at(6), at(7), "--match", "none"], 3],
  ])("%j exits with %d", async (args, code) => {
    const found = await tfckpt(["diff", ...args]);
    expect(found).toMatchObject({ code, stdout: "", stderr: expect.stringMatching(/^tfckpt: /) });
  });
});

describe("tfckpt average", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tfckpt-average-"));
    cpSync(model, join(folder, "run"), { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const run = (...args: string[]) => tfckpt(["average", ...args]);
  const files = () => readdirSync(folder).sort();

  it("writes the mean of the last checkpoints of a folder", async () => {
    const mean = join(folder, "mean");
    const { code, stdout } = await run(join(folder, "run"), "--last", "2", mean);
    expect([code, stdout]).toEqual([
      0,
      `${folder}/run/model.ckpt-6\n${folder}/run/model.ckpt-7\n` +
        `${mean}: average of 2 checkpoints written: 14 tensors averaged, 1 from the newest\n`,
    ]);
    const [a, b, c] = await Promise.all(
      [at(6), at(7), mean].map(async (path) => {
        return JSON.parse((await tfckpt(["cat", path, "dense1/bias", "-f", "json"])).stdout) as number[];
      }),
    );
    expect(c).toEqual(a?.map((value, i) => Math.fround((value + (b?.[i] as number)) / 2)));
    expect((await tfckpt(["cat", mean, "global_step"])).stdout).toBe("7\n");
  });

  it("takes weights, a decay, and shards", async () => {
    const to = (name: string) => join(folder, name);
    expect((await run(at(6), at(7), to("w"), "--weights", "1,3", "--json")).stdout).toContain('"weights": [');
    const ema = await run(at(5), at(6), at(7), to("e"), "--decay", "0.5", "--shards", "2");
    expect(ema.stdout).toMatch(/^0\.25 × .*\n0\.25 × .*\n0\.5 × .*\n/);
    expect(files().filter((name) => name.startsWith("e."))).toHaveLength(3);
    expect(await tfckpt(["verify", to("e")])).toMatchObject({ code: 0 });
  });

  it.each([
    ["no new prefix", [at(6)], 2, "average takes checkpoints and a new prefix"],
    ["two folders with --last", ["RUN", "RUN", "--last", "2", "NEW"], 2, "--last takes one folder"],
    ["a wrong number", ["RUN", "NEW", "--last", "0"], 2, "--last takes a whole number"],
    ["too few weights", [at(6), at(7), "NEW", "--weights", "1"], 2, "1 weights for 2 checkpoints"],
    ["a wrong weight", [at(6), at(7), "NEW", "--weights", "1,x"], 2, "--weights takes numbers"],
    ["a wrong decay", [at(6), at(7), "NEW", "--decay", "1"], 2, "--decay takes a number"],
    ["a destination that is a source", [at(6), "RUN/model.ckpt-7", "RUN/model.ckpt-7"], 2, "one of the checkpoints"],
    ["a destination that exists", [at(6), at(5), "RUN/model.ckpt-7"], 2, "exists already"],
    ["a missing folder", [at(6), at(7), "NEW/none/x"], 2, "NEW"],
    ["a missing checkpoint", [at(6), at(9), "NEW"], 3, "model.ckpt-9"],
    ["an unknown name", [at(6), at(7), "NEW", "--match", "dense9"], 3, "dense9 not found"],
    ["an empty selection", [at(6), at(7), "NEW", "--match", "x*"], 3, "matches 'x*'"],
    ["a damaged source", [`${goldensFolder}corrupt/data-flip-float`, "NEW"], 1, "Checksum"],
  ] as const)("%s: one line, and nothing is written", async (_, args, code, message) => {
    const paths = args.map((arg) => arg.replace("RUN", join(folder, "run")).replace("NEW", join(folder, "new")));
    const before = [files(), readdirSync(join(folder, "run"))];
    for (const dryRun of code === 1 ? [[]] : [[], ["--dry-run"]]) {
      const found = await run(...paths, ...dryRun);
      expect(found).toMatchObject({ code, stdout: "" });
      const [line = ""] = found.stderr.split("\n");
      expect(line).toContain(message.replace("NEW", join(folder, "new")));
      expect([files(), readdirSync(join(folder, "run"))]).toEqual(before);
    }
  });

  it("writes nothing in a dry run", async () => {
    const found = await run(at(6), at(7), join(folder, "new"), "--dry-run");
    expect(found).toMatchObject({ code: 0, stdout: expect.stringContaining("would be written: 14 tensors averaged") });
    expect(files()).toEqual(["run"]);
  });
});
