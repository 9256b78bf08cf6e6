import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toTensor } from "@tfsaver/core";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { afterAll, beforeAll, expect, it } from "vitest";
import { compileCommand } from "../../../../tests/compile.js";

let folder: string;
let program: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tfckpt-"));
  program = await compileCommand(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command with 10 s and 400 MiB, and returns the length of what it prints. */
function lengthOf(...args: string[]): number {
  const options = { timeout: 10_000, maxBuffer: 100 << 20 };
  const { status, stdout } = spawnSync(process.execPath, ["--max-old-space-size=400", program, ...args], options);
  expect([args, status]).toEqual([args, 0]);
  return stdout.length;
}

it("a tensor without elements prints little, whatever its shape, in every format", async () => {
  const prefix = join(folder, "m");
  const writer = new BundleWriter(prefix);
  const shapes = { rows: [2 ** 40, 0], deep: [2 ** 20, 2 ** 20, 0, 7], ones: [65_536, ...new Array(250).fill(1), 0] };
  for (const [name, shape] of Object.entries(shapes)) await writer.add(name, toTensor([], "float32", shape));
  await writer.add("strings", toTensor([], "string", [2 ** 40, 0]));
  await writer.finish();
  const outputs = [...Object.keys(shapes), "strings"].flatMap((name) =>
    ["text", "json", "npy", "raw"].map((format) => [name, "--format", format]),
  );
  for (const output of outputs) expect(lengthOf("cat", prefix, ...output)).toBeLessThan(2000);
  for (const command of ["ls", "digest", "verify"]) expect(lengthOf(command, prefix)).toBeLessThan(5000);
  expect(lengthOf("convert", prefix, join(folder, "old"), "--version", "v1")).toBeLessThan(5000);
});
