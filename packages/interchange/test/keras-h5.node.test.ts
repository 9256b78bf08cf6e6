import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tensorPart } from "@tfsaver/core";
import { openKerasWeights } from "@tfsaver/interchange/keras-h5";
import { MemoryStorage, type ReadableFile } from "@tfsaver/storage";
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import { afterAll, describe, expect, it } from "vitest";
import { rejection } from "../../../fixtures/rejection.js";
import { putFile } from "../../../fixtures/storage-files.js";
import { runInOwnProcess } from "../../../tests/own-process.js";
import { isThorough, tried } from "../../../tests/thorough.js";
import { contentOf } from "./sources.js";

const fixtures = fileURLToPath(new URL("../../../fixtures/keras/", import.meta.url));
/** Where the HDF5 library is found. */
const library = fileURLToPath(new URL("../node_modules", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tfsaver-keras-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("openKerasWeights", () => {
  it("names tensors by their paths, and reads a .weights.h5 as the one in a .keras", async () => {
    const weights = await openKerasWeights(join(fixtures, "small.weights.h5"));
    const model = await openKerasWeights(join(fixtures, "small.keras"));
    const content = await contentOf(weights);
    expect(await contentOf(model)).toEqual(content);
    expect(Object.entries(content).map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual(
      expect.arrayContaining([
        ["layers/batch_normalization/vars/3", "float32", [2]],
        ["layers/conv2d/vars/0", "float32", [3, 3, 1, 2]],
        ["layers/dense/vars/0", "bfloat16", [72, 3]],
        ["optimizer/vars/0", "int64", []],
      ]),
    );
    await weights.close();
    await model.close();
  });

  it("reads from any storage, in pieces, and slices", async () => {
    const storage = new MemoryStorage();
    await putFile(storage, "m.weights.h5", readFileSync(join(fixtures, "small.weights.h5")));
    const source = await openKerasWeights("m.weights.h5", { storage });
    const whole = await source.get("layers/dense/vars/0");
    const rows: number[] = [];
    for await (const { data, shape } of source.stream("layers/dense/vars/0", { pieceBytes: 60 })) {
      expect(shape).toEqual([rows.length < 210 ? 10 : 2, 3]);
      rows.push(...(data as Uint16Array));
    }
    expect(rows).toEqual([...(whole.data as Uint16Array)]);
    const slice = [
      { start: 70, length: 2 },
      { start: 1, length: 1 },
    ];
    const part = await source.get("layers/dense/vars/0", slice);
    expect(part).toEqual(tensorPart(whole, slice));
    await source.close();
    await expect(source.get("layers/dense/vars/0")).rejects.toThrow("is closed");
  });
});

/** Copies the set of files to a storage, with another index if one is given. */
async function sharded(index?: (map: Record<string, string[]>) => object): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const set = join(fixtures, "sharded");
  for (const name of readdirSync(set)) await putFile(storage, name, readFileSync(join(set, name)));
  if (index === undefined) return storage;
  const { weight_map: map } = JSON.parse(readFileSync(join(set, "small.weights.json"), "utf8"));
  const text = JSON.stringify({ weight_map: index(map) });
  await putFile(storage, "small.weights.json", new TextEncoder().encode(text));
  return storage;
}

describe("a set of files by its index", () => {
  it("is read as one file, with few open at a time, whatever the order", async () => {
    const storage = await sharded();
    let [open, most] = [0, 0];
    const openFile = storage.open.bind(storage);
    storage.open = async (path): Promise<ReadableFile> => {
      const file = await openFile(path);
      if (!path.endsWith(".h5")) return file;
      most = Math.max(most, ++open);
      const close = () => file.close().finally(() => open--);
      return { path, size: file.size, readInto: (...args) => file.readInto(...args), close };
    };
    const source = await openKerasWeights("small.weights.json", { storage });
    expect(source.paths).toHaveLength(7);
    const content = await contentOf(source);
    const shapes = Object.entries(content).map(([name, { shape }]) => [name, shape]);
    expect(shapes).toHaveLength(28);
    expect(shapes).toEqual(
      expect.arrayContaining([
        ["layers/conv2d/vars/0", [3, 3, 1, 2]],
        ["layers/dense/vars/0", [72, 5]],
        ["layers/dense/vars/1", [5]],
        ["optimizer/vars/0", []],
      ]),
    );
    // One of the first, after those of other files were read.
    expect(await source.get("layers/conv2d/vars/0")).toHaveProperty("dtype", "float32");
    // One more is open while another is being closed.
    expect(most).toBeLessThanOrEqual(3);
    await source.close();
    expect(open).toBe(0);
  });

  it.each<[string, (map: Record<string, string[]>) => object, string]>([
    ["names a file elsewhere", () => ({ "/layers/dense/vars": "../x.weights.h5" }), "no file beside it"],
    [
      "names a file of another save",
      (map) => ({ ...map, "/layers/none/vars": "small_00001.weights.h5" }),
      "lacks layers/none/vars",
    ],
    ["names no file", () => ({ "/layers/dense/vars": 7 }), "no file beside it"],
    ["has no map", () => [], "it has no weight_map"],
  ])("that %s is damaged", async (_, index, message) => {
    const storage = await sharded(index);
    const error = await rejection(openKerasWeights("small.weights.json", { storage }));
    expect(error).toMatchObject({ kind: "DataLossError", message: expect.stringContaining(message) });
  });

  it("of which a file is missing says which", async () => {
    const storage = await sharded();
    await storage.remove("small_00002.weights.h5");
    const error = await rejection(openKerasWeights("small.weights.json", { storage }));
    expect(error).toMatchObject({ kind: "NotFoundError", message: expect.stringContaining("small_00002.weights.h5") });
  });
});

describe("a compressed .keras", () => {
  async function packed(change = (bytes: Uint8Array) => bytes): Promise<string> {
    const writer = new ZipWriter(new Uint8ArrayWriter(), { level: 9, useWebWorkers: false });
    const weights = readFileSync(join(fixtures, "small.weights.h5"));
    await writer.add("model.weights.h5", new Uint8ArrayReader(weights), { compressionMethod: 8 });
    const path = join(folder, `packed-${readdirSync(folder).length}.keras`);
    writeFileSync(path, change(await writer.close()));
    return path;
  }

  const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith("tfsaver-keras-unpacked"));

  it("is unpacked into a temporary file, which does not stay", async () => {
    const before = leftovers();
    const source = await openKerasWeights(await packed());
    const plain = await openKerasWeights(join(fixtures, "small.weights.h5"));
    expect(await contentOf(source)).toEqual(await contentOf(plain));
    await source.close();
    await plain.close();
    expect(leftovers()).toEqual(before);
  });

  it("that would expand out of proportion is refused before it is unpacked", async () => {
    const path = await packed((bytes) => {
      // The size in the directory: 2 GiB.
      const entry = Buffer.from(bytes).lastIndexOf("PK\x01\x02", undefined, "latin1");
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(entry + 24, 0x7fffffff, true);
      return bytes;
    });
    expect(await outcomes([path])).toEqual(["DataLossError"]);
    const error = await rejection(openKerasWeights(path));
    expect(error.message).toMatch(/would expand to 2147483647/);
  });

  it("that is damaged is told so, and leaves no temporary file", async () => {
    const before = leftovers();
    const path = await packed((bytes) => bytes.fill(0x55, 500, 600));
    const error = await rejection(openKerasWeights(path));
    expect(error).toMatchObject({ kind: "DataLossError", message: expect.stringContaining(path) });
    expect(leftovers()).toEqual(before);
  });
});

it("asks for the HDF5 library by the command that installs it", async () => {
  const source = `import { openKerasWeights } from "@tfsaver/interchange/keras-h5";
    await openKerasWeights(input).catch((error) => console.log(error.kind, error.message));`;
  // Beside this program is no library.
  const printed = await runInOwnProcess(source, join(fixtures, "small.weights.h5"));
  expect(printed).toMatch(
    /^FailedPreconditionError Files of Keras need the package h5wasm.*: run npm install h5wasm\n$/,
  );
});

/** Reads every tensor of files, in a process with little time and memory, and returns the kinds of the errors. */
async function outcomes(paths: readonly string[]): Promise<string[]> {
  const source = `import { openKerasWeights } from "@tfsaver/interchange/keras-h5";
    for (const path of input) {
      let source;
      try {
        source = await openKerasWeights(path);
        for await (const { name } of source.tensors()) for await (const _ of source.stream(name));
        console.log("done");
      } catch (error) {
        console.log(error.kind ?? error.stack);
      } finally {
        await source?.close();
      }
    }`;
  return (await runInOwnProcess(source, paths, library)).trim().split("\n");
}

describe("hostile files of Keras are damaged, not a crash, a hang or gigabytes", () => {
  const good = readFileSync(join(fixtures, "small.weights.h5"));
  const garbage = Buffer.from(good);
  for (let i = 8; i < garbage.length; i++) garbage[i] = (i * 2654435761) >>> 13;
  it.each(
    tried([
      ["no file of Keras", Buffer.from("hello, world")],
      ["an empty file", Buffer.alloc(0)],
      ["only a signature", good.subarray(0, 8)],
      ["a cut file", good.subarray(0, good.length >> 1)],
      ["garbage behind the signature", garbage],
      ["zeros behind the signature", Buffer.concat([good.subarray(0, 8), Buffer.alloc(10_000)])],
      ["a cut zip file", readFileSync(join(fixtures, "small.keras")).subarray(0, 20_000)],
    ]),
  )("%s", async (what, bytes) => {
    const path = join(folder, `${what.replace(/\W/g, "-")}.h5`);
    writeFileSync(path, bytes);
    expect(await outcomes([path])).toEqual(["DataLossError"]);
  });

  it.each(
    tried([
      ["announced", "DataLossError"],
      ["large-chunk", "DataLossError"],
      ["other-file", "DataLossError"],
      ["links", "DataLossError"],
    ]),
  )("%s.h5", async (name, outcome) => {
    expect(await outcomes([join(fixtures, "hostile", `${name}.h5`)])).toEqual([outcome]);
  });

  it("mutants", async () => {
    const paths = Array.from({ length: isThorough ? 12 : 6 }, (_, i) => {
      const bytes = Buffer.from(good);
      for (let k = 0; k < 8; k++) {
        const at = Math.imul(1000 + i * 50 + k, 2654435761) >>> 0;
        bytes[8 + (at % (bytes.length - 8))] = at >>> 24;
      }
      const path = join(folder, `mutant-${i}.h5`);
      writeFileSync(path, bytes);
      return path;
    });
    const found = await outcomes(paths);
    expect(found).toHaveLength(paths.length);
    expect(found.filter((kind) => !/^(done|DataLossError|UnimplementedError)$/.test(kind))).toEqual([]);
  });
});
