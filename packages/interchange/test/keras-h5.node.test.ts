import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openKerasWeights } from "@tfsaver/interchange/keras-h5";
import { MemoryStorage } from "@tfsaver/storage";
import { afterAll, describe, expect, it } from "vitest";
import { putFile } from "../../../fixtures/storage-files.js";
import { runInOwnProcess } from "../../../tests/own-process.js";
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

  it("reads from any storage, in pieces", async () => {
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
    await source.close();
    await expect(source.get("layers/dense/vars/0")).rejects.toThrow("is closed");
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
  it.each([
    ["no file of Keras", Buffer.from("hello, world")],
    ["an empty file", Buffer.alloc(0)],
    ["only a signature", good.subarray(0, 8)],
    ["a cut file", good.subarray(0, good.length >> 1)],
    ["garbage behind the signature", garbage],
    ["zeros behind the signature", Buffer.concat([good.subarray(0, 8), Buffer.alloc(10_000)])],
    ["a cut zip file", readFileSync(join(fixtures, "small.keras")).subarray(0, 20_000)],
  ])("%s", async (what, bytes) => {
    const path = join(folder, `${what.replace(/\W/g, "-")}.h5`);
    writeFileSync(path, bytes);
    expect(await outcomes([path])).toEqual(["DataLossError"]);
  });

  it.each([
    ["announced", "DataLossError"],
    ["large-chunk", "DataLossError"],
    ["other-file", "DataLossError"],
    ["links", "DataLossError"],
  ])("%s.h5", async (name, outcome) => {
    expect(await outcomes([join(fixtures, "hostile", `${name}.h5`)])).toEqual([outcome]);
  });

  it("mutants", async () => {
    const paths = Array.from({ length: 12 }, (_, i) => {
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
