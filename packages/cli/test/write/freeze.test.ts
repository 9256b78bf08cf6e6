import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GraphDef } from "@tfsaver/proto/graph";
import { afterEach, beforeEach, expect, it } from "vitest";
import { goldensFolder } from "../../../../fixtures/goldens.js";
import { tfckpt } from "../run-cli.js";

const META = `${goldensFolder}v2-with-meta/model.ckpt-7.meta`;
const OUTPUT = "dense2/kernel/read,dense1/bias/read";

let temporary: string;
const at = (name: string) => join(temporary, name);
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "tfckpt-"));
});
afterEach(() => rmSync(temporary, { recursive: true }));

it("tfckpt freeze writes constants in the place of variables, and only what the outputs need", async () => {
  const made = await tfckpt(["freeze", META, at("m.pb"), "--outputs", OUTPUT]);
  expect(made).toMatchObject({ code: 0, stderr: "" });
  expect(made.stdout).toBe(`${at("m.pb")}: 2 variables in 4 nodes, ${readFileSync(at("m.pb")).length} B\n`);
  const { node } = GraphDef.decode(readFileSync(at("m.pb")));
  expect(node.map(({ name, op }) => [name, op])).toEqual([
    ["dense1/bias", "Const"],
    ["dense1/bias/read", "Identity"],
    ["dense2/kernel", "Const"],
    ["dense2/kernel/read", "Identity"],
  ]);
});

it("tfckpt freeze takes a folder, another checkpoint, and prints JSON", async () => {
  const folder = `${goldensFolder}v2-with-meta`;
  const args = ["freeze", folder, at("m.pb"), "--outputs", OUTPUT, "--checkpoint", `${folder}/model.ckpt-5`, "--json"];
  const { stdout, code } = await tfckpt(args);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ path: at("m.pb"), nodes: 4, variables: ["dense1/bias", "dense2/kernel"] });
});

it("tfckpt freeze says what is wrong in one line, and leaves nothing", async () => {
  const run = (...args: string[]) => tfckpt(["freeze", META, at("m.pb"), ...args]);
  expect(await run()).toMatchObject({ code: 2 });
  expect(await run("--outputs", "a,,b")).toMatchObject({ code: 2 });
  const unknown = await run("--outputs", "dense2/kernel/reed");
  expect(unknown).toMatchObject({ code: 3, stderr: expect.stringContaining("did you mean dense2/kernel/read") });
  const writes = await run("--outputs", "dense2/kernel/Assign");
  expect(writes).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("(Assign) can't use a constant in the place of"),
  });
  const other = await run("--outputs", OUTPUT, "--checkpoint", `${goldensFolder}v2-scalars-and-empty`);
  expect(other).toMatchObject({
    code: 3,
    stderr: expect.stringContaining("has no value for the variable dense1/bias"),
  });
  expect(await tfckpt(["freeze", at("none.meta"), at("m.pb"), "--outputs", "a"])).toMatchObject({ code: 3 });
  const nowhere = await tfckpt(["freeze", META, at("no/m.pb"), "--outputs", OUTPUT]);
  expect(nowhere).toMatchObject({ code: 2 });
  expect(await run("--outputs", OUTPUT, "--dry-run")).toMatchObject({ code: 0 });
  const stopped = await tfckpt(["freeze", META, at("m.pb"), "--outputs", OUTPUT], { signal: AbortSignal.abort() });
  expect(stopped.code).toBe(130);
  expect(readdirSync(temporary)).toEqual([]);
  await run("--outputs", OUTPUT);
  expect(await run("--outputs", OUTPUT)).toMatchObject({ code: 2, stderr: expect.stringContaining("exists already") });
  expect(await run("--outputs", OUTPUT, "--force")).toMatchObject({ code: 0 });
  expect(readdirSync(temporary)).toEqual(["m.pb"]);
});
