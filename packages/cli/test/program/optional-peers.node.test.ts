import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { compileCommand } from "../../../../tests/compile.js";
import { tfckpt } from "../run-cli.js";

const SOURCE = `${goldensFolder}v2-with-meta/model.ckpt-7`;
const KERAS = fileURLToPath(new URL("../../../../fixtures/keras/", import.meta.url));
const CLUSTER = ["--target", "grpc://127.0.0.1:1", "--meta", `${SOURCE}.meta`, "--prefix", SOURCE];
const GRPC = "npm install @tfsaver/session-grpc @grpc/grpc-js";

let folder: string;
let program: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tfckpt-peers-"));
  program = await compileCommand(folder, ["@grpc/grpc-js", "h5wasm", "@zip.js/zip.js"]);
  await tfckpt(["convert", SOURCE, join(folder, "m.npz")]);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command in a folder in which nothing is installed. */
function run(args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { cwd: folder, encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("without the optional packages, tfckpt", () => {
  it("does what it does without them", () => {
    expect(run(["verify", SOURCE])).toMatchObject({ status: 0, stderr: "" });
    expect(run(["convert", SOURCE, "m.safetensors"])).toMatchObject({ status: 0, stderr: "" });
    expect(run(["save", "--help"])).toMatchObject({ status: 0, stderr: "" });
  });

  it.each([
    ["save to a server", ["save", ...CLUSTER], GRPC],
    ["restore from a server", ["restore", ...CLUSTER], GRPC],
    ["read an .npz", ["convert", "m.npz", "new"], "npm install @zip.js/zip.js"],
    ["write an .npz", ["convert", SOURCE, "new.npz"], "npm install @zip.js/zip.js"],
    ["read a .keras", ["convert", `${KERAS}small.keras`, "new"], "npm install @zip.js/zip.js"],
    ["read a .weights.h5", ["convert", `${KERAS}small.weights.h5`, "new"], "npm install h5wasm"],
    ["read a .weights.json", ["convert", `${KERAS}sharded/small.weights.json`, "new"], "npm install h5wasm"],
  ])("that is to %s says what to install, in one line, and writes nothing", (_, args, command) => {
    const before = readdirSync(folder);
    const { status, stdout, stderr } = run(args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^tfckpt: .*, which is not installed: run npm install .*\n$/);
    expect(stderr).toContain(`run ${command} where tfckpt is installed (with --global if tfckpt is)`);
    const [, , ...packages] = command.split(" ");
    expect(stderr).toContain(`or npx -p @tfsaver/cli ${packages.map((name) => `-p ${name}`).join(" ")} tfckpt\n`);
    expect(readdirSync(folder)).toEqual(before);
  });
});
