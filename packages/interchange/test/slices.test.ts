import {
  type Extent,
  makeTensor,
  type Shape,
  type Tensor,
  type TensorSlice,
  tensorBytes,
  tensorPart,
  tensorStrings,
  toTensor,
} from "@tfsaver/core";
import { openNpz, writeNpz } from "@tfsaver/interchange/npz";
import { type FileSource, openSafetensors, writeSafetensors } from "@tfsaver/interchange/safetensors";
import { openTfjsWeights, writeTfjsWeights } from "@tfsaver/interchange/tfjs-weights";
import { MemoryStorage } from "@tfsaver/storage";
import { CountingStorage } from "@tfsaver/testing";
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import { describe, expect, it } from "vitest";
import { putFile } from "../../../fixtures/storage-files.js";
import { checkpointOf } from "./sources.js";

/** 8 MB: more than two pieces, and rows of 80 kB, so that far rows are read apart. */
const SHAPE = [5, 20, 20_000] as const;
const LARGE = makeTensor(
  "float32",
  SHAPE,
  new Float32Array(2_000_000).map((_, i) => i),
);
const WORDS = toTensor([
  ["a", "bb"],
  ["", "dddd"],
]);

const SLICES: Readonly<Record<string, TensorSlice>> = {
  "an element": [at(3), at(7), at(9)],
  "a rectangle of far rows": [at(2), at(3, 9), at(5, 70)],
  "whole rows": [at(1, 3), "full", "full"],
  "a column": ["full", "full", at(19_999)],
  "all, in other words": [at(0, 5), "full", at(0, 20_000)],
  nothing: [at(1, 0), "full", "full"],
};

function at(start: number, length = 1): Extent {
  return { start, length };
}

type Format = readonly [
  name: string,
  open: (tensor: Tensor) => Promise<{ storage: CountingStorage; source: FileSource }>,
];

const WRITTEN: readonly Format[] = [
  ["safetensors", written("m.safetensors", writeSafetensors, openSafetensors)],
  ["TensorFlow.js, in files of its own", written("model.json", writeTfjsWeights, openTfjsWeights)],
  ["npz", written("m.npz", writeNpz, openNpz)],
  ["npz, compressed", written("m.npz", (...[s, p, o]) => writeNpz(s, p, { ...o, compress: true }), openNpz)],
];

const MADE: readonly Format[] = [
  ["npz, in Fortran's order", (tensor) => handMade(tensor, "True", "<f4")],
  ["npz, in big-endian", (tensor) => handMade(tensor, "False", ">f4")],
  ["TensorFlow.js, quantized", quantized],
];

describe("a slice of a tensor in a file", () => {
  describe.each([...WRITTEN, ...MADE])("%s", (_, open) => {
    it("has the values of the whole tensor, whole and in pieces, with and without checksums", async () => {
      const { source } = await open(LARGE);
      const whole = await source.get("large");
      expect(whole.shape).toEqual(SHAPE);
      for (const [what, slice] of Object.entries(SLICES)) {
        const wanted = tensorPart(whole, slice);
        for (const checksums of ["whole", "none"] as const) {
          const got = await source.get("large", slice, { checksums });
          expect([got.dtype, got.shape], what).toEqual([wanted.dtype, wanted.shape]);
          expect(Buffer.from(tensorBytes(got)).equals(tensorBytes(wanted)), what).toBe(true);
          const pieces: Uint8Array[] = [];
          for await (const piece of source.stream("large", { slice, checksums, pieceBytes: 100_000 })) {
            expect(tensorBytes(piece).length).toBeLessThanOrEqual(100_000);
            pieces.push(tensorBytes(piece));
          }
          expect(Buffer.concat(pieces).equals(tensorBytes(wanted)), what).toBe(true);
        }
      }
      await source.close();
    });

    it("is refused if it is not inside the tensor", async () => {
      const { source } = await open(LARGE);
      const read = source.get("large", [at(5), "full", "full"]);
      await expect(read).rejects.toMatchObject({ kind: "InternalError", path: source.paths[0], tensor: "large" });
      await source.close();
    });
  });

  it.each([...WRITTEN.slice(0, 3), ...MADE])("costs little more than its own bytes: %s", async (_, open) => {
    const { source, storage } = await open(LARGE);
    expect(source.form("large").inParts).toBe(true);
    const costs: Record<string, number> = {};
    for (const what of ["an element", "a rectangle of far rows", "nothing"]) {
      storage.reset();
      await source.get("large", SLICES[what] as TensorSlice, { checksums: "none" });
      costs[what] = storage.bytesRead;
    }
    expect(costs["an element"]).toBeLessThanOrEqual(4);
    // Ranges with less than 64 KiB between them are read together.
    expect(costs["a rectangle of far rows"]).toBeLessThan(170_000);
    expect(costs.nothing).toBe(0);
    await source.close();
    expect(storage.filesLeftOpen).toBe(0);
  });

  it("is verified by the checksum of its array in an npz file, unless that is not wanted", async () => {
    const [, , [, open]] = WRITTEN as [Format, Format, Format];
    const { source, storage } = await open(LARGE);
    const place = await source.locate("large");
    expect(place).toMatchObject({ path: "m.npz", length: 8_000_128 });
    expect(source.form("large")).toEqual({ inParts: true, hasChecksum: true });
    const { path, offset, length } = place as { path: string; offset: number; length: number };
    const bytes = new Uint8Array((await storage.stat(path))?.size ?? 0);
    await (await storage.open(path)).readInto(0, [bytes]);
    bytes[offset + length - 1] = 99;
    const damaged = new MemoryStorage();
    await putFile(damaged, path, bytes);
    const second = await openNpz(path, { storage: damaged });
    const slice = SLICES["an element"] as TensorSlice;
    await expect(second.get("large", slice)).rejects.toMatchObject({ kind: "DataLossError" });
    const value = await second.get("large", slice, { checksums: "none" });
    expect([...(value.data as Float32Array)]).toEqual([3 * 400_000 + 7 * 20_000 + 9]);
    await source.close();
  });

  it("may be one of strings, which are read whole", async () => {
    for (const [, open] of [WRITTEN[1], WRITTEN[2], WRITTEN[3]] as Format[]) {
      const { source } = await open(WORDS);
      expect(source.form("large").inParts).toBe(false);
      const words = tensorStrings(await source.get("large", ["full", at(1)]));
      expect(words.map((word) => new TextDecoder().decode(word))).toEqual(["bb", "dddd"]);
      await source.close();
    }
  });

  it("lies where the file says", async () => {
    const [safetensors, tfjs] = WRITTEN as [Format, Format];
    for (const [, open] of [safetensors, tfjs]) {
      const { source, storage } = await open(makeTensor("float32", [3], Float32Array.of(1, 2, 3)));
      const { path, offset, length } = (await source.locate("large")) as {
        path: string;
        offset: number;
        length: number;
      };
      const bytes = new Uint8Array(length);
      await (await storage.open(path)).readInto(offset, [bytes]);
      expect([...new Float32Array(bytes.buffer)]).toEqual([1, 2, 3]);
      await source.close();
    }
  });
});

type Write = (
  source: Awaited<ReturnType<typeof checkpointOf>>["reader"],
  path: string,
  options: { storage: MemoryStorage },
) => Promise<unknown>;

function written(
  path: string,
  write: Write,
  open: (path: string, options: { storage: CountingStorage }) => Promise<FileSource>,
): Format[1] {
  return async (tensor) => {
    const { storage, reader } = await checkpointOf({ large: tensor, a: toTensor(1), z: toTensor(2) });
    await write(reader, path, { storage });
    const counting = new CountingStorage(storage);
    return { storage: counting, source: await open(path, { storage: counting }) };
  };
}

/** Writes the values of a tensor as an array of NumPy that other programs write. */
async function handMade({ shape, data }: Tensor, fortran: "True" | "False", descr: "<f4" | ">f4") {
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': (${shape.join(", ")}), }`.padEnd(117);
  const header = new TextEncoder().encode(`\x93NUMPY\x01\x00v\x00${text}\n`.replace("\x93", "?"));
  header[0] = 0x93;
  const body = new DataView(new ArrayBuffer(header.length + (data as Float32Array).byteLength));
  new Uint8Array(body.buffer).set(header);
  for (const [i, value] of (data as Float32Array).entries()) {
    body.setFloat32(header.length + i * 4, value, descr === "<f4");
  }
  const zip = new ZipWriter(new Uint8ArrayWriter(), { level: 0 });
  await zip.add("large.npy", new Uint8ArrayReader(new Uint8Array(body.buffer)));
  const storage = new CountingStorage(new MemoryStorage());
  await putFile(storage, "m.npz", await zip.close());
  return { storage, source: await openNpz("m.npz", { storage }) };
}

async function quantized({ shape }: Tensor) {
  const count = (shape as Shape).reduce((product, dim) => product * dim, 1);
  const storage = new CountingStorage(new MemoryStorage());
  const weights = [{ name: "large", dtype: "float32", shape, quantization: { dtype: "uint8", scale: 0.5, min: -3 } }];
  const model = { weightsManifest: [{ paths: ["1.bin", "2.bin"], weights }] };
  await putFile(storage, "model.json", JSON.stringify(model));
  const bytes = new Uint8Array(count).map((_, i) => i % 251);
  await putFile(storage, "1.bin", bytes.subarray(0, 1_234_567));
  await putFile(storage, "2.bin", bytes.subarray(1_234_567));
  return { storage, source: await openTfjsWeights("model.json", { storage }) };
}
