import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCheckpoint, type TensorSource } from "@tfsaver/checkpoint-reader";
import { convertCheckpoint } from "@tfsaver/checkpoint-tools";
import { isNumeric, packedTensor, packStrings, type Tensor, tensorBytes, tensorStrings } from "@tfsaver/core";
import { numpyDescr } from "@tfsaver/core/npy";
import { openNpz, writeNpz } from "@tfsaver/interchange/npz";
import { openSafetensors, writeSafetensors } from "@tfsaver/interchange/safetensors";
import { NodeStorage } from "@tfsaver/storage/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { patternOf, randomContent, V2_DTYPES, writeContent } from "../../../tools/fuzz/content.js";
import { Random } from "../../../tools/fuzz/random.js";
import { plainForm } from "../content.js";
import { Oracle, type Tensors } from "../oracle.js";

/** Seed of the first checkpoint. `TFSAVER_RANDOM_SEED` sets another one. */
const SEED = Number(process.env.TFSAVER_RANDOM_SEED ?? Date.now() % 1_000_000);
const CHECKPOINTS = 24;

interface Made {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: string;
}

let oracle: Oracle;
let root: string;
const cases: { readonly seed: number; readonly folder: string; readonly prefix: string }[] = [];

beforeAll(async () => {
  oracle = new Oracle();
  root = mkdtempSync(join(tmpdir(), "tfsaver-interchange-"));
  for (let seed = SEED; seed < SEED + CHECKPOINTS; seed++) {
    const random = new Random(seed);
    const content = randomContent(random, random.pick(["V1", "V2"]));
    const folder = join(root, String(seed));
    mkdirSync(folder);
    await writeContent(new NodeStorage(), join(folder, "model"), content);
    cases.push({ seed, folder, prefix: patternOf(join(folder, "model"), content) });
  }
});
afterAll(() => {
  oracle.close();
  rmSync(root, { recursive: true });
});

/** Reads all tensors of a source, apart from some. */
async function valuesIn(source: TensorSource, left: readonly string[] = []): Promise<Map<string, Tensor>> {
  const values = new Map<string, Tensor>();
  for await (const { name } of source.tensors()) if (!left.includes(name)) values.set(name, await source.get(name));
  return values;
}

function formsOf(values: ReadonlyMap<string, Tensor>): Tensors {
  return Object.fromEntries([...values].map(([name, tensor]) => [name, plainForm(tensor)]));
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function recordOf([name, tensor]: readonly [string, Tensor]) {
  const { dtype, shape } = tensor;
  if (isNumeric(dtype)) return { name, dtype, shape, bytes: base64(tensorBytes(tensor)) };
  return { name, dtype, shape, strings: tensorStrings(tensor).map(base64) };
}

describe(`random checkpoints with seeds ${SEED} to ${SEED + CHECKPOINTS - 1}`, () => {
  it("Python reads our safetensors bit for bit, and writes the same bytes", async () => {
    for (const { seed, folder, prefix } of cases) {
      const reader = await openCheckpoint(prefix);
      const [ours, theirs] = [join(folder, "ours.safetensors"), join(folder, "theirs.safetensors")];
      const { dropped } = await writeSafetensors(reader, ours, { dropUnsupported: true }).catch(() => ({
        dropped: undefined,
      }));
      if (dropped === undefined) continue;
      const values = await valuesIn(reader, dropped);
      const found = await oracle.ask<{ tensors: Record<string, Made> }>("read_safetensors", { path: ours });
      const wanted = Object.fromEntries(
        [...values].map(([name, tensor]) => [
          name,
          { dtype: tensor.dtype, shape: [...tensor.shape], bytes: base64(tensorBytes(tensor)) },
        ]),
      );
      expect(found.tensors, `seed ${seed}`).toEqual(wanted);
      await oracle.ask("write_safetensors", { path: theirs, tensors: [...values].map(recordOf) });
      expect(readFileSync(ours).equals(readFileSync(theirs)), `seed ${seed}`).toBe(true);
      await reader.close();
    }
  });

  it("safetensors that Python wrote become a checkpoint, bit for bit, whole and in shards", async () => {
    for (const { seed, folder, prefix } of cases) {
      const path = join(folder, "theirs.safetensors");
      const reader = await openCheckpoint(prefix);
      const source = await openSafetensors(path).catch(() => undefined);
      if (source === undefined) continue;
      const shards = join(folder, "shards.safetensors");
      const { files } = await writeSafetensors(source, shards, { shards: 3 });
      await convertCheckpoint(source, join(folder, "back"));
      const parts = await openSafetensors(files.at(-1) as string);
      const back = await openCheckpoint(join(folder, "back"));
      const wanted = formsOf(await valuesIn(source));
      expect(formsOf(await valuesIn(back)), `seed ${seed}`).toEqual(wanted);
      expect(formsOf(await valuesIn(parts)), `seed ${seed}`).toEqual(wanted);
      for (const [name, form] of Object.entries(wanted)) expect(plainForm(await reader.get(name))).toEqual(form);
      for (const each of [reader, source, parts, back]) await each.close();
    }
  });

  it("NumPy reads our npz bit for bit, and we read it back with every dtype", async () => {
    for (const { seed, folder, prefix } of cases) {
      const reader = await openCheckpoint(prefix);
      const path = join(folder, "ours.npz");
      const made = await writeNpz(reader, path, { dropUnsupported: true, compress: seed % 2 === 0 }).catch(
        () => undefined,
      );
      if (made === undefined) continue;
      const values = await valuesIn(reader, made.dropped);
      const found = await oracle.ask<Record<string, Made>>("read_npz", { path });
      const numbers = [...values].filter(([, { dtype }]) => isNumeric(dtype));
      for (const [name, tensor] of numbers) {
        const wanted = { dtype: numpyDescr(tensor.dtype).replace("<V", "|V"), shape: [...tensor.shape] };
        expect(found[name], `seed ${seed}: ${name}`).toEqual({ ...wanted, bytes: base64(tensorBytes(tensor)) });
      }
      expect(Object.keys(found).sort()).toEqual([...values.keys()].sort());
      const source = await openNpz(path);
      expect(formsOf(await valuesIn(source)), `seed ${seed}`).toEqual(formsOf(values));
      await source.close();
      await reader.close();
    }
  });

  it.each([{}, { compressed: true }, { fortran: true }, { big_endian: true }])(
    "arrays that NumPy wrote with %o are read bit for bit",
    async (options) => {
      const random = new Random(SEED);
      const { randomTensor } = await import("../../../tools/fuzz/content.js");
      const known = V2_DTYPES.filter((dtype) => isNumeric(dtype) && !/^q|float8|float4|int[24]$/.test(dtype));
      const values = new Map<string, Tensor>(
        known.flatMap((dtype) => [
          [`${dtype}/any`, randomTensor(random, dtype)],
          [`${dtype}/cube`, randomTensor(random, dtype, [3, 4, 5])],
        ]),
      );
      const words = ["", "a", "längere", "z".repeat(40)].map((word) => new TextEncoder().encode(word));
      values.set("words", packedTensor("string", [2, 2], packStrings(words)));
      // NumPy has no strings in Fortran's order that TensorFlow could read.
      if (options.fortran) values.delete("words");
      const path = join(root, "theirs.npz");
      await oracle.ask("write_npz", { path, tensors: [...values].map(recordOf), ...options });
      const source = await openNpz(path);
      expect(formsOf(await valuesIn(source))).toEqual(formsOf(new Map([...values].sort())));
      await source.close();
    },
  );
});
