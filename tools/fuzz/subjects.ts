import { ALL_DTYPES, allocateTensor, isNumeric, makeTensor, type Tensor, toTensor } from "@tfsaver/core";
import { SlicesWriter } from "@tfsaver/saved-tensor-slices";
import { MemoryStorage, readFile } from "@tfsaver/storage";
import { BundleWriter, mergeBundles } from "@tfsaver/tensor-bundle";
import { V1_DTYPES } from "./content.js";
import { Random } from "./random.js";

/** The files of a checkpoint, by path. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** A small, valid checkpoint to be damaged. */
export interface Subject {
  readonly name: string;
  readonly format: "V1" | "V2";
  /** Prefix of the checkpoint, or pattern of its shards. */
  readonly prefix: string;
  readonly files: Files;
}

async function filesOf(storage: MemoryStorage): Promise<Files> {
  const files = new Map<string, Uint8Array>();
  for (const { name } of await storage.list(".")) files.set(name, await readFile(storage, name));
  return files;
}

export async function storageOf(files: Files): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  for (const [path, bytes] of files) await (await storage.create(path)).write([bytes]);
  return storage;
}

/** Returns checkpoints by this project's writers that together have everything that a file can hold. */
export function madeSubjects(): Promise<Subject[]> {
  const dtypes = ALL_DTYPES.filter((dtype) => dtype !== "resource");
  const third = Math.ceil(dtypes.length / 3);
  return Promise.all([
    ...[0, 1, 2].map((part) => someDtypes(`dtypes ${part}`, dtypes.slice(part * third, (part + 1) * third))),
    oddNames(),
    partitioned(),
    longNames(),
    v1EveryDtype(),
    v1Sharded(),
  ]);
}

async function someDtypes(name: string, dtypes: typeof ALL_DTYPES): Promise<Subject> {
  const storage = new MemoryStorage();
  const writer = new BundleWriter("all", { storage });
  for (const [dtype, tensor] of samples(dtypes)) await writer.add(dtype, tensor);
  await writer.finish();
  return { name, format: "V2", prefix: "all", files: await filesOf(storage) };
}

async function oddNames(): Promise<Subject> {
  const storage = new MemoryStorage();
  const writer = new BundleWriter("odd", { storage });
  await writer.add("__proto__", toTensor([1, 2]));
  await writer.add("constructor", toTensor([["a", ""]]));
  await writer.add("\u00e9/\u{1f600}", toTensor(["x", "yz", ""]));
  await writer.add("_CHECKPOINTABLE_OBJECT_GRAPH", toTensor("\n\u0004\n\u0002\b\u0001"));
  await writer.finish();
  return { name: "odd names", format: "V2", prefix: "odd", files: await filesOf(storage) };
}

async function partitioned(): Promise<Subject> {
  const storage = new MemoryStorage();
  const shape = [4, 3];
  const matrix = (rows: number, columns: number) =>
    toTensor(new Float32Array(rows * columns).fill(rows), "float32", [rows, columns]);
  for (const shard of [0, 1]) {
    const writer = new BundleWriter(`part-${shard}`, { storage });
    const rows = { start: 2 * shard, length: 2 };
    for (const columns of [
      { start: 0, length: 1 },
      { start: 1, length: 2 },
    ]) {
      await writer.addSlice("grid", { shape, slice: [rows, columns] }, matrix(2, columns.length));
    }
    await writer.addSlice("words", { shape: [4], slice: [rows] }, toTensor(["x".repeat(shard), "yz"]));
    await writer.addSlice("none", { shape: [4, 0], slice: [rows, "full"] }, toTensor([[], []], "int32", [2, 0]));
    await writer.add(`whole${shard}`, toTensor([1n, 2n]));
    await writer.finish();
  }
  await mergeBundles(["part-0", "part-1"], "model", { storage });
  return { name: "slices in two shards", format: "V2", prefix: "model", files: await filesOf(storage) };
}

async function longNames(): Promise<Subject> {
  const storage = new MemoryStorage();
  const writer = new BundleWriter("long", { storage });
  for (let i = 0; i < 20; i++)
    await writer.add(`${"scope/".repeat(20)}${String(i).padStart(2, "0")}`, toTensor(i, "int8"));
  await writer.finish();
  return { name: "long names", format: "V2", prefix: "long", files: await filesOf(storage) };
}

async function v1EveryDtype(): Promise<Subject> {
  const storage = new MemoryStorage();
  const writer = new SlicesWriter("v1", { storage });
  writer.add("__proto__", toTensor([1, 2]));
  for (const [name, tensor] of samples(V1_DTYPES)) writer.add(name, tensor);
  await writer.finish();
  return { name: "every dtype", format: "V1", prefix: "v1", files: await filesOf(storage) };
}

async function v1Sharded(): Promise<Subject> {
  const storage = new MemoryStorage();
  for (const shard of [0, 1]) {
    const writer = new SlicesWriter(`m-0000${shard}-of-00002`, { storage });
    const rows = { start: 2 * shard, length: 2 };
    for (const columns of [
      { start: 0, length: 1 },
      { start: 1, length: 2 },
    ]) {
      const part = { shape: [4, 3], slice: [rows, columns] };
      writer.addSlice(
        "grid",
        part,
        toTensor(new Int32Array(2 * columns.length).fill(-shard), "int32", [2, columns.length]),
      );
    }
    writer.addSlice("words", { shape: [4], slice: [rows] }, toTensor(["x".repeat(shard), "yz"]));
    writer.add(`whole${shard}`, toTensor([1n, -2n]));
    await writer.finish();
  }
  return { name: "slices in two files", format: "V1", prefix: "m-?????-of-00002", files: await filesOf(storage) };
}

/** Returns a small tensor of each dtype. */
function samples(dtypes: readonly (typeof ALL_DTYPES)[number][]): [string, Tensor][] {
  const random = new Random(1);
  return dtypes.map((dtype, i) => {
    const shape = [[], [3], [2, 2], [0]][i % 4] as number[];
    if (dtype === "string") return [dtype, toTensor(["", "a", "bc\0"])];
    if (!isNumeric(dtype)) return [dtype, makeTensor(dtype, [2], [random.bytes(3), random.bytes(0)])];
    const tensor = allocateTensor(dtype, shape);
    if (dtype !== "bool") (tensor.data as Uint8Array).fill((typeof tensor.data[0] === "bigint" ? 3n : 3) as number);
    return [dtype, tensor];
  });
}
