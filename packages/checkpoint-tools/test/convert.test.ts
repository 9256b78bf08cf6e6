import { lockPrefix } from "@tfsaver/checkpoint-files";
import { dataFilename, indexFilename } from "@tfsaver/checkpoint-names";
import { type CheckpointFormat, openCheckpoint } from "@tfsaver/checkpoint-reader";
import { convertCheckpoint } from "@tfsaver/checkpoint-tools";
import { formatSlice, isCheckpointError, type Tensor, toTensor } from "@tfsaver/core";
import { MemoryStorage, readFile, type Storage } from "@tfsaver/storage";
import { NodeStorage } from "@tfsaver/storage/node";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { describe, expect, it } from "vitest";
import { type GoldenCheckpoint, goldenCheckpoints, goldensFolder } from "../../../fixtures/goldens.js";
import { filesIn } from "../../../fixtures/storage-files.js";

const local = new NodeStorage();

/** Reads goldens from the disk; writes to memory. */
class Overlay extends MemoryStorage {
  override open(path: string) {
    return path.startsWith(goldensFolder) ? local.open(path) : super.open(path);
  }
  override stat(path: string) {
    return path.startsWith(goldensFolder) ? local.stat(path) : super.stat(path);
  }
  override list(path: string) {
    return path.startsWith(goldensFolder) ? local.list(path) : super.list(path);
  }
}

/** Reads every stored piece, by name and slice. */
async function piecesOf(prefix: string, storage: Storage): Promise<Map<string, Tensor>> {
  const reader = await openCheckpoint(prefix, { storage });
  const pieces = new Map<string, Tensor>();
  for await (const { name, shape, slices } of reader.tensors()) {
    // V2 stores a slice that covers its tensor as a whole tensor.
    const parts = slices.filter(
      (slice) => !slice.every((extent, d) => extent === "full" || extent.length === shape[d]),
    );
    for (const slice of parts) pieces.set(`${name} ${formatSlice(slice)}`, await reader.get(name, slice));
    if (parts.length === 0) pieces.set(name, await reader.get(name));
  }
  await reader.close();
  return pieces;
}

const whole = goldenCheckpoints();
const V1_LACKS = /bfloat16|float8|float4|u?int[24]$|uint(?:32|64)|qint16|quint16|variant/;
const fitsV1 = ({ tensors }: GoldenCheckpoint) => Object.values(tensors).every(({ dtype }) => !V1_LACKS.test(dtype));

const cases = whole.flatMap((golden) =>
  (["V1", "V2"] as const)
    .filter((format) => format === "V2" || fitsV1(golden))
    .flatMap((format) => [1, 3].map((shards) => ({ ...golden, format, shards }))),
);

describe.each(cases)("golden $folder/$prefix as $format in $shards shards", ({ path, format, shards }) => {
  it("has the same tensors and slices, and leaves no other file", async () => {
    const storage = new Overlay();
    const source = await piecesOf(path, storage);
    const { prefix } = await convertCheckpoint(path, "new", { storage, format: format as CheckpointFormat, shards });
    expect(await piecesOf(prefix, storage)).toEqual(source);
    const reader = await openCheckpoint(prefix, { storage });
    expect(reader.format).toBe(format);
    expect(reader.numShards).toBe(Math.min(shards, Math.max(source.size, 1)));
    await reader.close();
    const names = await filesIn(storage);
    const files = reader.numShards + (format === "V2" ? 1 : 0);
    expect(names).toHaveLength(files);
  });
});

it("writes TensorFlow's bytes for checkpoints of savers, which are sorted by name", async () => {
  const storage = new Overlay();
  const path = `${goldensFolder}v2-with-meta/model.ckpt-7`;
  await convertCheckpoint(path, "new", { storage });
  for (const file of [indexFilename, (prefix: string) => dataFilename(prefix, 0, 1)]) {
    expect(Buffer.compare(await readFile(storage, file("new")), await readFile(local, file(path)))).toBe(0);
  }
});

it("converts V1 to V2 and back to the same bytes", async () => {
  const storage = new Overlay();
  const path = `${goldensFolder}v1-simple/model.ckpt`;
  await convertCheckpoint(path, "as-v2", { storage });
  await convertCheckpoint("as-v2", "as-v1", { storage, format: "V1" });
  expect(Buffer.compare(await readFile(storage, "as-v1"), await readFile(local, path))).toBe(0);
});

it("distributes tensors among shards by size", async () => {
  const storage = new MemoryStorage();
  const writer = new BundleWriter("big", { storage });
  for (const name of ["a", "b", "c", "d"]) await writer.add(name, toTensor(new Float32Array(1000)));
  await writer.finish();
  await convertCheckpoint("big", "spread", { storage, shards: 2 });
  const sizes = await Promise.all([0, 1].map((i) => storage.stat(dataFilename("spread", i, 2))));
  expect(sizes.map((stat) => stat?.size)).toEqual([8000, 8000]);
});

describe("a failed conversion leaves no file:", () => {
  async function failure(options: object, destination = "new") {
    const storage = new MemoryStorage();
    const writer = new BundleWriter("source", { storage });
    await writer.add("half", toTensor([1.5], "bfloat16"));
    await writer.add("other", toTensor([1]));
    await writer.finish();
    const before = await filesIn(storage);
    const error: unknown = await convertCheckpoint("source", destination, { storage, ...options }).then(
      () => undefined,
      (reason) => reason,
    );
    expect(await filesIn(storage)).toEqual(before);
    if (!isCheckpointError(error)) throw new Error(`Not one of our errors: ${String(error)}`);
    return error;
  }

  it("a dtype that V1 lacks", async () => {
    const error = await failure({ format: "V1" });
    expect(error).toMatchObject({ kind: "UnimplementedError", tensor: "half" });
  });

  it("the same destination in another spelling, and no shards", async () => {
    expect(await failure({}, "./source")).toMatchObject({ kind: "ValueError" });
    expect(await failure({ shards: 0 })).toMatchObject({ kind: "ValueError" });
  });

  it("a canceled conversion", async () => {
    const controller = new AbortController();
    const options = { shards: 2, signal: controller.signal, onProgress: () => controller.abort() };
    expect(await failure(options)).toMatchObject({ kind: "CancelledError" });
  });
});

it.each(["V1", "V2"] as const)(
  "takes a tensor of thousands of slices to %s and back",
  { timeout: 60_000 },
  async (format) => {
    const storage = new MemoryStorage();
    const shape = [5000, 2];
    const writer = new BundleWriter("many", { storage });
    for (let row = 0; row < 5000; row++) {
      const slice = [{ start: row, length: 1 }, "full" as const];
      await writer.addSlice("rows", { shape, slice }, toTensor([[row, row + 0.5]]));
    }
    await writer.finish();
    const { prefix } = await convertCheckpoint("many", "there", { storage, format, shards: 3 });
    await convertCheckpoint(prefix, "back", { storage });
    const reader = await openCheckpoint("back", { storage });
    const { data } = await reader.get("rows");
    expect(Array.from(data as Float32Array)).toEqual(Array.from({ length: 10000 }, (_, i) => i / 2));
    expect((await reader.info("rows"))?.slices).toHaveLength(5000);
    await reader.close();
  },
);

it.each(["", "folder/"])("refuses '%s', which has no file name", async (destination) => {
  const options = { storage: new Overlay() };
  await expect(convertCheckpoint(`${goldensFolder}v2-with-meta/model.ckpt-7`, destination, options)).rejects.toThrow(
    "has no file name",
  );
});

describe.each([
  ["V1", 1],
  ["V1", 2],
  ["V2", 1],
  ["V2", 2],
] as const)("to %s in %s shards", (format, shards) => {
  async function source(): Promise<MemoryStorage> {
    const storage = new MemoryStorage();
    const writer = new BundleWriter("source", { storage });
    for (const name of ["a", "b"]) await writer.add(name, toTensor([1]));
    await writer.finish();
    return storage;
  }

  it("creates the folder of the destination", async () => {
    const storage = await source();
    const { prefix } = await convertCheckpoint("source", "new/copy", { storage, format, shards });
    const reader = await openCheckpoint(prefix, { storage });
    expect([await reader.has("a"), await reader.has("b")]).toEqual([true, true]);
    await reader.close();
  });

  it("reports a missing folder, and leaves no file", async () => {
    const storage = await source();
    const before = await filesIn(storage);
    await expect(convertCheckpoint("source", "no/such/copy", { storage, format, shards })).rejects.toMatchObject({
      kind: "NotFoundError",
      path: "no/such",
      message: expect.stringContaining("no/such/copy can't be written: the folder above no/such does not exist"),
    });
    expect(await filesIn(storage)).toEqual(before);
  });

  it("waits for a saver that holds the lock of the destination", async () => {
    const storage = await source();
    const lock = await lockPrefix("copy", { storage, onWarning: () => undefined });
    const abort = new AbortController();
    const waiting = convertCheckpoint("source", "copy", { storage, format, shards, signal: abort.signal });
    setTimeout(() => abort.abort(), 50);
    await expect(waiting).rejects.toMatchObject({ kind: "CancelledError" });
    await lock.release();
    await convertCheckpoint("source", "copy", { storage, format, shards });
    expect((await filesIn(storage)).filter((name) => name.includes("saving") || name.includes("temp"))).toEqual([]);
  });
});
