import { rows } from "@tfsaver/core";
import { MemoryStorage, type ReadableFile } from "@tfsaver/storage";
import { BundleReader } from "@tfsaver/tensor-bundle";
import { beforeEach, describe, expect, it } from "vitest";
import { rejection } from "../../../fixtures/rejection.js";
import { runInOwnProcess } from "../../../tests/own-process.js";
import { encodeMessage, messageField, numberField } from "../../../tools/fuzz/messages.js";
import { writeTable } from "../../../tools/fuzz/tables.js";

/** Size in bytes of a row: 1 MiB. */
const ROW = 1 << 20;
/** Number of rows: 5 GiB in all, more than Node.js 20 can hold in one array. */
const ROWS = 5 << 10;

/** A storage whose data file is zeros, as long as the tensor needs. */
class Zeros extends MemoryStorage {
  override async open(path: string): Promise<ReadableFile> {
    const file = await super.open(path);
    if (!path.includes(".data-")) return file;
    return {
      path,
      size: ROWS * ROW,
      readInto: async (_, targets) => {
        for (const target of targets) target.fill(0);
      },
      close: () => file.close(),
    };
  }
}

let reader: BundleReader;

beforeEach(async () => {
  const storage = new Zeros();
  const dims = [ROWS, ROW / 4].map((dim) => messageField(2, numberField(1, BigInt(dim))));
  const entry = encodeMessage([numberField(1, 1n), messageField(2, ...dims), numberField(5, BigInt(ROWS * ROW))]);
  const header = encodeMessage([numberField(1, 1n), messageField(3, numberField(1, 1n))]);
  const index = writeTable([
    { key: new Uint8Array(), value: header },
    { key: new TextEncoder().encode("w"), value: entry },
  ]);
  await (await storage.create("m.index")).write([index]);
  await (await storage.create("m.data-00000-of-00001")).write([]);
  reader = await BundleReader.open("m", { storage });
});

describe("a tensor of 5 GiB", () => {
  // Later versions have larger arrays, and memory that is used only when it is written.
  it.runIf(process.version.startsWith("v20."))("can't be got at once, and the error names its size", async () => {
    for (const options of [{}, { checksums: "none" }] as const) {
      const error = await rejection(reader.get("w", undefined, options));
      expect(error).toMatchObject({ kind: "ResourceExhaustedError", tensor: "w" });
      expect(error.message).toContain("there is no memory for its 5368709120 bytes. Read it in pieces");
    }
  });

  it("gives a part that is not verified at once", async () => {
    const tensor = await reader.get("w", [...rows(ROWS - 1, ROWS), { start: 3, length: 4 }], { checksums: "none" });
    expect(tensor).toEqual({ dtype: "float32", shape: [1, 4], data: new Float32Array(4) });
  });

  it("gives its first pieces at once", async () => {
    let count = 0;
    for await (const piece of reader.stream("w", { pieceBytes: 16 << 20 })) {
      expect(piece.shape).toEqual([16, ROW / 4]);
      if (++count === 3) break;
    }
    expect(count).toBe(3);
  });
});

it("a tensor of many slices is read in pieces without keeping them", async () => {
  const printed = await runInOwnProcess(`
    import { setFlagsFromString } from "node:v8";
    import { runInNewContext } from "node:vm";
    import { MemoryStorage } from "./packages/storage/src/index.ts";
    import { toTensor } from "./packages/core/src/index.ts";
    import { BundleReader, BundleWriter } from "./packages/tensor-bundle/src/index.ts";

    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc");
    const COUNT = 100;
    const ROW = 1 << 20;
    const storage = new MemoryStorage();
    const writer = new BundleWriter("m", { storage });
    for (let start = 0; start < COUNT; start++) {
      const part = { shape: [COUNT, ROW], slice: [{ start, length: 1 }, "full"] };
      await writer.addSlice("w", part, toTensor(new Uint8Array(ROW), "uint8", [1, ROW]));
    }
    await writer.finish();
    const reader = await BundleReader.open("m", { storage });
    gc();
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    for await (const piece of reader.stream("w", { pieceBytes: ROW })) {
      gc();
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    console.log(most >> 20);
  `);
  expect(Number(printed)).toBeLessThan(20);
});
