import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { compileCommand } from "../../../../tests/compile.js";

const prefix = `${goldensFolder}v2-with-meta/model.ckpt-7`;

let folder: string;
let program: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tfckpt-"));
  program = await compileCommand(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

const shell = (command: string) => {
  const script = `tfckpt() { "${process.execPath}" "${program}" "$@"; }; ${command}`;
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  return { status, stdout, stderr };
};

describe("the process", () => {
  it("prints, and exits with 0", () => {
    expect(shell(`tfckpt cat ${prefix} global_step`)).toEqual({ status: 0, stdout: "7\n", stderr: "" });
  });

  it("exits with the code of its command", () => {
    expect(shell("tfckpt ls /no/such/checkpoint")).toMatchObject({ status: 3, stdout: "" });
    expect(shell(`tfckpt verify ${goldensFolder}corrupt/data-flip-float`)).toMatchObject({ status: 1 });
    expect(shell("tfckpt nonsense")).toMatchObject({ status: 2 });
  });

  it("prints no error if its reader stops reading", () => {
    const many = `${goldensFolder}v2-many-tensors`;
    const { stdout, stderr } = shell(`set -o pipefail; tfckpt ls ${many} --json | head -1; echo "$?"`);
    expect([stdout, stderr]).toEqual(["[\n0\n", ""]);
    expect(shell(`set -o pipefail; tfckpt digest ${prefix} | true; echo "$?"`)).toMatchObject({
      stdout: "0\n",
      stderr: "",
    });
  });
});
