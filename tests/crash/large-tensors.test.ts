import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toTensor } from "@tfsaver/core";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROW, rows, SmallMemory } from "./small-memory.js";

/** Number of rows of the tensor: 5 GiB in all. */
const ROWS = 5 << 10;

const folder = mkdtempSync(join(tmpdir(), "tfsaver-large-"));
const at = (name: string) => join(folder, name);
let command: SmallMemory;
const tfckpt = (...args: string[]) => command.run(...args);

beforeAll(async () => {
  command = await SmallMemory.compile(folder);
  const writer = new BundleWriter(at("m"));
  await writer.addStream("large", { dtype: "float32", shape: [ROWS, ROW / 4] }, rows(ROWS));
  await writer.add("small", toTensor([1, 2]));
  await writer.finish();
}, 600_000);

afterAll(() => rmSync(folder, { recursive: true }));

it("a tensor of 5 GiB is listed, verified and shown in less than 256 MiB", () => {
  expect(tfckpt("ls", at("m"))).toContain("large");
  expect(tfckpt("verify", at("m"))).toContain("all checksums match");
  expect(tfckpt("cat", at("m"), "large")).toContain(
    "[5.119e+03 5.119e+03 5.119e+03 ... 5.119e+03 5.119e+03 5.119e+03]]",
  );
  expect(tfckpt("cat", at("m"), "large", "--slice", "7:9,:2")).toBe("[[7. 7.]\n [8. 8.]]\n");
});

it.each([
  ["raw", 0],
  ["npy", 128],
])("a tensor of 5 GiB is written as %s in less than 256 MiB", (format, header) => {
  tfckpt("cat", at("m"), "large", "-f", format, "-o", at("out"));
  expect(statSync(at("out")).size).toBe(header + ROWS * ROW);
  rmSync(at("out"));
});

it("a tensor of 5 GiB is converted to V1, where it takes several slices, and back, in less than 256 MiB", () => {
  const digests = tfckpt("digest", at("m"));
  tfckpt("convert", at("m"), at("v1"), "--version", "v1");
  expect(tfckpt("digest", at("v1"))).toBe(digests);
  expect(tfckpt("verify", at("v1"))).toContain("all checksums match");
  tfckpt("convert", at("v1"), at("v2"), "--shards", "2");
  rmSync(at("v1"));
  expect(tfckpt("digest", at("v2"))).toBe(digests);
});

it("a tensor of 5 GiB is renamed, cast, reshaped and cut in less than 256 MiB", () => {
  const steps = ["--reshape", `large=${ROWS / 2},2,-1`, "--reslice", "large=2@2", "--cast", "float16"];
  expect(tfckpt("edit", at("m"), at("edited"), ...steps, "--rename", "s/large/big/", "--shards", "2")).toContain("big");
  expect(tfckpt("cat", at("edited"), "big", "--slice", "4:5,1:2,:2")).toBe("[[[9. 9.]]]\n");
  expect(tfckpt("verify", at("edited"))).toContain("all checksums match");
  removeCheckpointFiles("edited");
});

it("a tensor of 5 GiB is set from a NumPy file, and edited as V1, in less than 256 MiB", () => {
  tfckpt("cat", at("m"), "large", "-f", "npy", "-o", at("large.npy"));
  tfckpt("edit", at("m"), at("edited"), "--drop", "large", "--set", `big=${at("large.npy")}`);
  rmSync(at("large.npy"));
  tfckpt("convert", at("edited"), at("edited-v1"), "--version", "v1");
  removeCheckpointFiles("edited.");
  tfckpt("edit", at("edited-v1"), at("again-v1"), "--rename", "s/big/large/", "--cast", "float16");
  rmSync(at("edited-v1"));
  expect(tfckpt("cat", at("again-v1"), "large", "--slice", "5:6,:2")).toContain("[[5. 5.]]");
  rmSync(at("again-v1"));
});

/** Removes the files whose names begin with a prefix. */
function removeCheckpointFiles(prefix: string): void {
  for (const name of readdirSync(folder)) if (name.startsWith(prefix)) rmSync(at(name), { recursive: true });
}

it.each([
  ["x.npz", []],
  ["model.json", ["--shards", "3"]],
])("a tensor of 5 GiB is converted to %s and back in less than 256 MiB", (name, options) => {
  const digests = tfckpt("digest", at("m"));
  tfckpt("convert", at("m"), at(name), ...options);
  tfckpt("convert", at(name), at("back"), "--force");
  for (const file of readdirSync(folder)) if (/^(x\.|model\.json|group1)/.test(file)) rmSync(at(file));
  expect(tfckpt("digest", at("back"))).toBe(digests);
});
