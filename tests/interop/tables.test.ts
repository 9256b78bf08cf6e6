import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TableEntry, TableReader, TableWriter } from "@tfsaver/sstable";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { NodeStorage } from "@tfsaver/storage/node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Random } from "../../tools/fuzz/random.js";
import { Oracle } from "./oracle.js";

const local = new NodeStorage();
let oracle: Oracle;
let folder: string;
beforeAll(() => {
  oracle = new Oracle();
  folder = mkdtempSync(join(tmpdir(), "tfsaver-tables-"));
});
afterAll(() => {
  oracle.close();
  rmSync(folder, { recursive: true });
});

interface Item {
  readonly name: string;
  /** Length of its single string. */
  readonly length: number;
}

/** Writes string tensors with TensorFlow, and returns the path of the table. */
async function written(version: "V1" | "V2", items: readonly Item[]): Promise<string> {
  const prefix = join(folder, `${version}-${items.length}`, "table");
  mkdirSync(join(prefix, ".."));
  const tensors = items.map(({ name, length }) => ({
    name,
    dtype: "string",
    shape: [],
    spec: "",
    strings: [Buffer.from("v".repeat(length)).toString("base64")],
  }));
  await oracle.ask("write_checkpoints", { checkpoints: [{ version, prefix, shards: [tensors] }] });
  return version === "V1" ? prefix : `${prefix}.index`;
}

async function expectTable(path: string, names: readonly string[], dataBlocks: number): Promise<void> {
  const file = await local.open(path);
  const table = await TableReader.open(file);
  const entries: TableEntry[] = [];
  for await (const entry of table.entries()) entries.push(entry);
  expect(entries.length).toBe(names.length + 1);
  expect([...table.blocks()].length).toBe(dataBlocks + 1);
  for (const { key, value } of entries) expect(Buffer.compare((await table.get(key)) as Uint8Array, value)).toBe(0);
  for (const key of ["\x01", "zzzz", `${names[7]}x`]) expect(await table.get(Buffer.from(key))).toBeUndefined();
  await file.close();

  const storage = new MemoryStorage();
  const again = await storage.create("again");
  const writer = new TableWriter(again);
  for (const { key, value } of entries) writer.add(key, value);
  await writer.finish();
  expect(Buffer.compare(await readFile(storage, "again"), await readFile(local, path))).toBe(0);
}

it("an index of thousands of long names with a common prefix is read, and written again byte for byte", async () => {
  const random = new Random(5);
  const scope = "a/very/long/scope/".repeat(20);
  const items = Array.from({ length: 8000 }, (_, i) => {
    const tail = Buffer.from(random.bytes(50)).toString("hex");
    return { name: `${scope}${random.below(40)}/${tail}/${i}`, length: 1 };
  });
  const names = items.map(({ name }) => name);
  await expectTable(await written("V2", items), names, 5);
});

it("values and keys larger than a block are read, and written again byte for byte", async () => {
  const items = [
    { name: "a", length: 10 },
    { name: "b", length: 300_000 },
    { name: "c", length: 5 },
    { name: `d${"k".repeat(600 << 10)}`, length: 1 },
    { name: "e", length: 600 << 10 },
    { name: "f", length: 1 },
    { name: "g", length: 260_000 },
    { name: "h", length: 2 },
    { name: "i", length: 524_288 },
  ];
  const path = await written("V1", items);
  await expectTable(
    path,
    items.map(({ name }) => name),
    7,
  );
});
