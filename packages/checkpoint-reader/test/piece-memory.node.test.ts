import { openCheckpoint, PieceMemory } from "@tfsaver/checkpoint-reader";
import { type NumericData, toTensor } from "@tfsaver/core";
import { MemoryStorage, readFile, type WritableFile } from "@tfsaver/storage";
import { BundleReader, BundleWriter } from "@tfsaver/tensor-bundle";
import { describe, expect, it } from "vitest";

const MIB = 1 << 20;
const [INDEX, DATA] = ["index", "data-00000-of-00001"];

/** Numbers that differ from each other. */
const numbers = (count: number, first: number) => Float32Array.from({ length: count }, (_, i) => first + i);

async function checkpoint(storage: MemoryStorage): Promise<void> {
  const writer = new BundleWriter("m", { storage });
  await writer.add("large", toTensor(numbers(3 * MIB, 0)));
  await writer.add("middle", toTensor(numbers(MIB / 2, 7)));
  await writer.add("scalar", toTensor(3));
  await writer.add("text", toTensor(["a", "b"]));
  const part = (start: number, length: number) => ({ shape: [MIB], slice: [{ start, length }] });
  await writer.addSlice("cut", part(0, MIB / 4), toTensor(numbers(MIB / 4, 9)));
  await writer.addSlice("cut", part(MIB / 4, (3 * MIB) / 4), toTensor(numbers((3 * MIB) / 4, 1)));
  await writer.finish();
}

/** A storage whose writes take a while, in which they read the memory that they were given. */
class SlowStorage extends MemoryStorage {
  override async create(path: string): Promise<WritableFile> {
    const file = await super.create(path);
    const write = async (chunks: readonly Uint8Array[]) => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      await file.write(chunks);
    };
    return { path, write, sync: () => file.sync(), close: () => file.close() };
  }
}

describe("PieceMemory", () => {
  it("lends the same memory for piece after piece, of which each has its own content", async () => {
    const storage = new MemoryStorage();
    await checkpoint(storage);
    const reader = await openCheckpoint("m", { storage });
    const memory = new PieceMemory();
    const buffers = new Set<ArrayBufferLike>();
    let next = 0;
    for await (const { data } of reader.stream("large", { allocate: memory.allocate, pieceBytes: MIB })) {
      const values = data as Float32Array;
      expect([values[0], values.at(-1)]).toEqual([next, next + values.length - 1]);
      next += values.length;
      buffers.add(values.buffer);
      memory.release(values);
    }
    expect(next).toBe(3 * MIB);
    expect(buffers.size).toBeLessThan(6);
    await reader.close();
  });

  it("takes back only what it has lent, and once", () => {
    const memory = new PieceMemory();
    const own = new Float32Array(MIB);
    memory.release(own);
    expect(memory.allocate(own.byteLength)).not.toBe(own.buffer);
    const lent = memory.allocate(MIB);
    memory.release(new Uint8Array(lent));
    memory.release(new Uint8Array(lent));
    const [first, second] = [memory.allocate(MIB), memory.allocate(MIB)];
    expect(first).toBe(lent);
    expect(second).not.toBe(lent);
    expect(memory.allocate(8).byteLength).toBe(8);
  });

  it("copies a checkpoint whose tensors are written behind, byte for byte", async () => {
    const storage = new SlowStorage();
    await checkpoint(storage);
    const reader = await BundleReader.open("m", { storage });
    const memory = new PieceMemory();
    const writer = new BundleWriter("copy", { storage });
    let written = 0;
    const onWritten = (bytes: Uint8Array) => {
      written += bytes.length;
      memory.release(bytes);
    };
    for (const name of ["large", "middle", "scalar", "text"]) {
      const { dtype, shape } = (await reader.entry(name)) as NonNullable<Awaited<ReturnType<BundleReader["entry"]>>>;
      const pieces = reader.stream(name, { allocate: memory.allocate, pieceBytes: MIB });
      await writer.addStream(name, { dtype, shape }, pieces, { onWritten });
    }
    await writer.finish();
    expect(written).toBe(4 * (3 * MIB + MIB / 2 + 1));
    const copy = await BundleReader.open("copy", { storage });
    for (const name of ["large", "middle", "scalar", "text"]) {
      expect(Buffer.compare(bytesOf(await copy.get(name)), bytesOf(await reader.get(name))), name).toBe(0);
    }
    const [before, after] = await Promise.all(["m", "copy"].map((prefix) => readFile(storage, `${prefix}.${DATA}`)));
    expect(Buffer.compare(after as Uint8Array, (before as Uint8Array).subarray(0, after?.length))).toBe(0);
    expect((await readFile(storage, `copy.${INDEX}`)).length).toBeGreaterThan(0);
    await Promise.all([reader.close(), copy.close()]);
  });

  it("serves tensors of one slice and of several", async () => {
    const storage = new MemoryStorage();
    await checkpoint(storage);
    const reader = await openCheckpoint("m", { storage });
    const memory = new PieceMemory();
    for (const name of ["middle", "cut"]) {
      const whole = (await reader.get(name)).data as Float32Array;
      for (const pieceBytes of [MIB / 2, 4 * MIB]) {
        let at = 0;
        for await (const piece of reader.stream(name, { allocate: memory.allocate, pieceBytes })) {
          const values = piece.data as Float32Array;
          expect(Buffer.compare(bytesOf(piece), bytesOf({ data: whole.subarray(at, at + values.length) }))).toBe(0);
          at += values.length;
          memory.release(values);
        }
        expect(at).toBe(whole.length);
      }
    }
    await reader.close();
  });
});

function bytesOf({ data }: { readonly data: unknown }): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  const { buffer, byteOffset, byteLength } = data as NumericData;
  return new Uint8Array(buffer, byteOffset, byteLength);
}
