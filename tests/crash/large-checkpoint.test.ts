import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROW, rows, SmallMemory } from "./small-memory.js";

/** Sizes of the tensors in GiB: 8 GiB in all. */
const SIZES = { large: 5, "more/0": 1, "more/1": 1, "more/2": 1 } as const;

const folder = mkdtempSync(join(tmpdir(), "tfsaver-large-checkpoint-"));
const at = (name: string) => join(folder, name);
let command: SmallMemory;

beforeAll(async () => {
  command = await SmallMemory.compile(folder);
  const writer = new BundleWriter(at("m"));
  for (const [name, size] of Object.entries(SIZES)) {
    const count = size << 10;
    await writer.addStream(name, { dtype: "float32", shape: [count, ROW / 4] }, rows(count));
  }
  await writer.finish();
}, 600_000);

afterAll(() => rmSync(folder, { recursive: true }));

it("8 GiB have statistics in less than 256 MiB", () => {
  const { tensors, total } = JSON.parse(command.run("stat", at("m"), "--json"));
  expect(tensors.map(({ max }: { max: number }) => max)).toEqual([5119, 1023, 1023, 1023]);
  expect(total).toMatchObject({ elements: 2 ** 33 / 4, min: 0, nan: 0 });
  expect(total.mean).toBeCloseTo((5 * 2559.5 + 3 * 511.5) / 8, 6);
});

it("8 GiB are listed by scope, searched, averaged and compared in less than 256 MiB", () => {
  expect(command.run("ls", at("m"), "--tree")).toContain("37.5 %");
  expect(command.run("grep", "more/*", at("m"), "-l")).toBe(`${at("m")}\n`);
  expect(command.run("average", at("m"), at("m"), at("mean"))).toContain("4 tensors averaged");
  expect(command.run("diff", at("m"), at("mean"))).toBe("4 equal\n");
});
