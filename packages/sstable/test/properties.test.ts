import { compareBytes, type TableEntry, TableImage, TableReader, TableWriter } from "@tfsaver/sstable";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import fc from "fast-check";
import { expect, it } from "vitest";

/** Keys made of a few parts, so that many share a prefix, some of thousands of bytes. */
const keys = fc
  .array(fc.constantFrom("", "a", "b", "scope/", "\u00ff", "\0", "x".repeat(3000), "y".repeat(40)), { maxLength: 12 })
  .chain((pieces) =>
    fc.uint8Array({ maxLength: 6 }).map((tail) => [...new TextEncoder().encode(pieces.join("")), ...tail]),
  )
  .map((bytes) => Uint8Array.from(bytes));

/** Small values, and some so large that few fit in a block. */
const values = fc.oneof(
  { weight: 5, arbitrary: fc.uint8Array({ maxLength: 30 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 600_000 }).map((size) => new Uint8Array(size).fill(size)) },
);

const tables = fc
  .uniqueArray(fc.record({ key: keys, value: values }), { maxLength: 60, selector: ({ key }) => String(key) })
  .map((rows) => rows.sort((a, b) => compareBytes(a.key, b.key)));

it("any written table reads back: in order, by key, and block by block", async () => {
  await fc.assert(
    fc.asyncProperty(tables, keys, async (rows, other) => {
      const storage = new MemoryStorage();
      const file = await storage.create("table");
      const writer = new TableWriter(file);
      for (const { key, value } of rows) writer.add(key, value);
      expect(await writer.finish()).toBe((await storage.stat("table"))?.size);

      const table = await TableReader.open(await storage.open("table"));
      const walked: TableEntry[] = [];
      for await (const entry of table.entries()) walked.push(entry);
      expectRows(walked, rows);
      for (const { key, value } of rows) expect(compareBytes((await table.get(key)) as Uint8Array, value)).toBe(0);
      if (!rows.some(({ key }) => compareBytes(key, other) === 0)) expect(await table.get(other)).toBeUndefined();

      const byBlock: TableEntry[] = [];
      for (const block of table.blocks()) {
        for (const entry of (await block.read()).entries()) {
          expect(entry.offset).toBe(block.offset);
          byBlock.push(entry);
        }
      }
      expectRows(byBlock, rows);
    }),
    { numRuns: 60 },
  );
}, 60_000);

it("a table in memory equals the written one, even after its values have been overwritten", async () => {
  await fc.assert(
    fc.asyncProperty(tables, async (rows) => {
      const image = await TableImage.of(rows.map(({ key, value }) => [key, value]));
      expect(compareBytes(image.bytes, await written(rows))).toBe(0);
      const others = rows.map(({ key, value }) => ({ key, value: value.map((byte) => byte ^ 0x5a) }));
      for (const [i, { value }] of others.entries()) image.bytes.set(value, image.valueOffsets[i]);
      image.seal();
      expect(compareBytes(image.bytes, await written(others))).toBe(0);
    }),
    { numRuns: 60 },
  );
}, 60_000);

async function written(rows: readonly Omit<TableEntry, "offset">[]): Promise<Uint8Array> {
  const storage = new MemoryStorage();
  const writer = new TableWriter(await storage.create("table"));
  for (const { key, value } of rows) writer.add(key, value);
  await writer.finish();
  return readFile(storage, "table");
}

function expectRows(found: readonly TableEntry[], wanted: readonly Omit<TableEntry, "offset">[]): void {
  expect(found.length).toBe(wanted.length);
  for (const [i, { key, value }] of wanted.entries()) {
    expect(compareBytes(found[i]?.key as Uint8Array, key)).toBe(0);
    expect(compareBytes(found[i]?.value as Uint8Array, value)).toBe(0);
  }
}
