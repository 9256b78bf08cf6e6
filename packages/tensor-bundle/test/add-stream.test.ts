import { type Tensor, tensorPart, toTensor } from "@tfsaver/core";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { BundleReader, BundleWriter, type StreamedTensor, verifyBundle } from "@tfsaver/tensor-bundle";
import { CountingStorage } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { hex } from "../../../fixtures/bytes.js";
import { goldenCheckpoints } from "../../../fixtures/goldens.js";
import { lyingTensors } from "../../../fixtures/lying-tensors.js";
import { rejection } from "../../../fixtures/rejection.js";
import { filesIn } from "../../../fixtures/storage-files.js";

const FILES = ["m.index", "m.data-00000-of-00001"];

async function written(write: (writer: BundleWriter) => Promise<void>): Promise<string[]> {
  const storage = new MemoryStorage();
  const writer = new BundleWriter("m", { storage, alignment: 8 });
  await write(writer);
  await writer.finish();
  return Promise.all(FILES.map(async (file) => hex(await readFile(storage, file))));
}

const goldens = goldenCheckpoints().filter(
  ({ format, folder, tensors }) => format === "V2" && folder !== "hand-made" && Object.keys(tensors).length < 100,
);

describe.each(goldens)("golden $folder/$prefix", ({ path, tensors }) => {
  it("has the same bytes whether its tensors are added in pieces or at once", async () => {
    const reader = await BundleReader.open(path);
    const names = Object.keys(tensors).filter((name) => tensors[name]?.error === undefined);
    const atOnce = await written(async (writer) => {
      for (const name of names) await writer.add(name, await reader.get(name));
    });
    const inPieces = await written(async (writer) => {
      for (const name of names) {
        const { dtype, shape } = await reader.get(name);
        await writer.addStream(name, { dtype, shape }, reader.stream(name, { pieceBytes: 100 }));
      }
    });
    expect(inPieces).toEqual(atOnce);
    await reader.close();
  });
});

const table = toTensor([1, 2, 3, 4, 5, 6], "float32", [3, 2]);
const rowsOf = (tensor: Tensor) =>
  Array.from({ length: tensor.shape[0] as number }, (_, row) =>
    tensorPart(tensor, [{ start: row, length: 1 }, "full"]),
  );

it("slices of a partitioned tensor may come in pieces", async () => {
  const slice = [{ start: 2, length: 3 }, "full"] as const;
  const part = { shape: [8, 2], slice };
  const rest = { shape: [8, 2], slice: [{ start: 0, length: 2 }, "full"] as const };
  const first = toTensor([7, 8, 9, 10], "float32", [2, 2]);
  const atOnce = await written(async (writer) => {
    await writer.addSlice("v", part, table);
    await writer.addSlice("v", rest, first);
  });
  const inPieces = await written(async (writer) => {
    await writer.addStream("v", { dtype: "float32", shape: [3, 2], part }, rowsOf(table));
    await writer.addStream("v", { dtype: "float32", shape: [2, 2], part: rest }, [first]);
  });
  expect(inPieces).toEqual(atOnce);
});

it("large pieces are written while later ones are made", async () => {
  const storage = new CountingStorage(new MemoryStorage());
  const writer = new BundleWriter("m", { storage });
  const bytesWritten: number[] = [];
  const pieces = function* () {
    for (let i = 0; i < 6; i++) {
      bytesWritten.push(storage.bytesWritten);
      yield toTensor(new Uint8Array(5 << 20).fill(i), "uint8");
    }
  };
  await writer.addStream("w", { dtype: "uint8", shape: [6, 5 << 20] }, pieces());
  expect(bytesWritten.at(-1)).toBeGreaterThanOrEqual(10 << 20);
  await writer.finish();
  expect(await verifyBundle("m", { storage })).toMatchObject({ tensors: 1, problems: [] });
});

describe("pieces", () => {
  const refuse = async (tensor: StreamedTensor, pieces: Iterable<Tensor>, message: string) => {
    const storage = new MemoryStorage();
    const writer = new BundleWriter("m", { storage });
    const error = await rejection(writer.addStream("w", tensor, pieces));
    await writer.discard();
    expect(error).toMatchObject({ kind: "InvalidArgumentError", tensor: "w" });
    expect(error.message).toContain(message);
    expect(await filesIn(storage)).toEqual([]);
  };
  const rows = { dtype: "float32", shape: [3, 2] } as const;

  it.each(lyingTensors)("are refused for $what", ({ value, message }) => refuse(rows, [value], message));

  it("of another dtype, too few or too many elements are refused", async () => {
    await refuse(rows, [toTensor([1, 2], "int32")], "A piece of tensor w has dtype int32; expected float32");
    await refuse(rows, rowsOf(table).slice(1), "The pieces of tensor w have 4 elements; expected 6");
    await refuse(rows, [...rowsOf(table), table], "The pieces of tensor w have more elements; expected 6");
    await refuse({ dtype: "string", shape: [2] }, [toTensor(["a"])], "have 1 elements; expected 2");
  });

  it("of a slice must have its shape", async () => {
    const part = { shape: [8, 2], slice: [{ start: 0, length: 2 }, "full"] as const };
    await refuse({ ...rows, part }, rowsOf(table), "does not match the shape of the tensor");
  });

  it("that throw make adding fail with their error", async () => {
    const writer = new BundleWriter("m", { storage: new MemoryStorage() });
    const pieces = async function* () {
      yield table;
      throw new Error("no more");
    };
    expect((await rejection(writer.addStream("w", { dtype: "float32", shape: [9, 2] }, pieces()))).message).toBe(
      "no more",
    );
    await writer.discard();
  });
});
