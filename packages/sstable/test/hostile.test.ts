import { isCheckpointError } from "@tfsaver/core";
import { TableReader } from "@tfsaver/sstable";
import { MemoryStorage } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { concat, varint } from "../../../tools/fuzz/bytes.js";
import { frameTable, type RawBlock } from "../../../tools/fuzz/tables.js";

const bytes = (...values: number[]) => Uint8Array.from(values);
const text = (value: string) => new TextEncoder().encode(value);

/** Encodes an entry with any numbers. */
function entry(shared: number, key: Uint8Array, value: Uint8Array): Uint8Array {
  return concat([varint(BigInt(shared)), varint(BigInt(key.length)), varint(BigInt(value.length)), key, value]);
}

function block(...entries: Uint8Array[]): Uint8Array {
  return concat([...entries, bytes(0, 0, 0, 0, 1, 0, 0, 0)]);
}

async function open(blocks: readonly RawBlock[], index?: Uint8Array) {
  const storage = new MemoryStorage();
  await (await storage.create("table")).write([frameTable(blocks, index)]);
  return TableReader.open(await storage.open("table"));
}

async function walk(table: TableReader): Promise<number> {
  let count = 0;
  for await (const _ of table.entries()) count++;
  return count;
}

async function expectDataLoss(action: Promise<unknown>, message: string): Promise<void> {
  const error: unknown = await action.then(
    () => undefined,
    (reason) => reason,
  );
  if (!isCheckpointError(error, "DataLossError")) throw new Error(`not a DataLossError: ${error}`);
  expect(error.message).toContain(message);
  expect(error).toMatchObject({ path: "table", offset: expect.any(Number) });
}

describe("a table with correct checksums", () => {
  it("whose index lists one block many times is refused when it is opened", async () => {
    const contents = block(entry(0, text("a"), bytes(1)));
    const handle = concat([varint(0n), varint(BigInt(contents.length))]);
    const index = block(...Array.from({ length: 1000 }, (_, i) => entry(0, text(`k${1000 + i}`), handle)));
    await expectDataLoss(open([{ contents, lastKey: text("a") }], index), "bad block handle");
  });

  it("whose keys are many times longer than their block is refused", async () => {
    const first = entry(0, new Uint8Array(10_000).fill(97), bytes());
    const contents = block(first, ...Array.from({ length: 2000 }, (_, i) => entry(10_000 + i, bytes(97), bytes())));
    const table = await open([{ contents, lastKey: bytes(0xff) }]);
    await expectDataLoss(walk(table), "its keys are too many or too long for its 20012 bytes");
  });

  it.each([
    ["not in order", [entry(0, text("b"), bytes()), entry(0, text("a"), bytes())], "is not after the one before"],
    ["the same", [entry(0, text("a"), bytes()), entry(1, bytes(), bytes())], "is not after the one before"],
    ["behind the index's", [entry(0, text("y"), bytes()), entry(0, text("z"), bytes())], "that the index gives"],
  ])("whose keys are %s is refused", async (_, entries, message) => {
    const table = await open([{ contents: block(...entries), lastKey: text("x") }]);
    await expectDataLoss(walk(table), message);
  });

  it("whose blocks are in the wrong order is refused", async () => {
    const table = await open([
      { contents: block(entry(0, text("b"), bytes())), lastKey: text("b") },
      { contents: block(entry(0, text("a"), bytes())), lastKey: text("c") },
    ]);
    await expectDataLoss(walk(table), "is not after the block before");
  });
});

describe("a snappy block with a correct checksum", () => {
  const literal = (size: number) => concat([bytes((size - 1) << 2), new Uint8Array(size)]);

  it.each([
    ["has a literal of a length that goes backwards", concat([bytes(4, 63 << 2, 0xfa, 0xff, 0xff, 0xff), literal(4)])],
    ["promises more than it has", concat([bytes(0xff, 0xff, 0xff, 0xff, 0x0f), literal(4)])],
    ["has more than it promises", concat([bytes(2), literal(4)])],
    ["has a literal that is cut off", bytes(60, 59 << 2, 1, 2)],
    ["copies from before its start", concat([bytes(12), literal(4), bytes((7 << 2) | 2, 5, 0)])],
    ["copies from nowhere", concat([bytes(12), literal(4), bytes((7 << 2) | 2, 0, 0)])],
    ["ends within a copy", concat([bytes(12), literal(4), bytes((7 << 2) | 3, 1)])],
    ["is empty", bytes()],
  ])("is refused when it %s", async (_, contents) => {
    const table = await open([{ contents, lastKey: text("z"), type: 1 }]);
    await expectDataLoss(walk(table), "corrupted compressed block contents");
  });

  it("is read with every kind of element", async () => {
    const plain = block(entry(0, text("aaaaaaaaaaaaaaaa"), new Uint8Array(70).fill(7)));
    const at = plain.indexOf(97);
    const head = plain.subarray(0, at + 1);
    const contents = concat([
      varint(BigInt(plain.length)),
      bytes((head.length - 1) << 2, ...head),
      // The letter 15 more times: eleven by a short copy, four by a long one.
      bytes(1 | (7 << 2), 1),
      bytes(3 | (3 << 2), 1, 0, 0, 0),
      // 63 sevens by a literal whose length has a byte of its own.
      bytes(60 << 2, 62, ...new Uint8Array(63).fill(7)),
      bytes(2 | (6 << 2), 1, 0),
      bytes(7 << 2, 0, 0, 0, 0, 1, 0, 0, 0),
    ]);
    const table = await open([{ contents, lastKey: text("z"), type: 1 }]);
    expect(await table.get(text("aaaaaaaaaaaaaaaa"))).toEqual(new Uint8Array(70).fill(7));
  });
});
