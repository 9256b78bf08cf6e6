/** Makes checkpoints, and reads them without a graph. */

import { truncateSync } from "node:fs";
import { dataFilename } from "@tfsaver/checkpoint-names";
import { listVariables, openCheckpoint } from "@tfsaver/checkpoint-reader";
import { allocateTensor } from "@tfsaver/core";
import type { WritableFile } from "@tfsaver/storage";
import { NodeStorage } from "@tfsaver/storage/node";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import { CountingStorage, InterceptedStorage, type StorageOperation } from "@tfsaver/testing";
import type { Measured } from "../side.js";
import { measure } from "./measure.js";
import { listRemote, type Remote, readRemote } from "./remote.js";

interface Place {
  readonly prefix: string;
  readonly name: string;
}

/** Writes data files as sparse files of the same size, since all tensors are zeros. */
class HollowStorage extends InterceptedStorage {
  protected override intercept<T>(_: StorageOperation, run: () => Promise<T>): Promise<T> {
    return run();
  }

  protected override async interceptWrite(
    { path }: StorageOperation,
    file: WritableFile,
    chunks: readonly Uint8Array[],
  ) {
    if (!path.includes(".data-")) await file.write(chunks);
  }
}

async function writeMany({ prefix, entries }: { prefix: string; entries: number }): Promise<void> {
  const writer = new BundleWriter(prefix, { storage: new NodeStorage({ fsync: false }) });
  const scalar = allocateTensor("float32", [4, 2]);
  for (let i = 0; i < entries; i++) await writer.add(`model/layer_${i >> 3}/block/kernel_${i & 7}`, scalar);
  await writer.finish();
}

async function writeHollow({ prefix, count, bytes }: { prefix: string; count: number; bytes: number }): Promise<void> {
  const writer = new BundleWriter(prefix, { storage: new HollowStorage(new NodeStorage({ fsync: false })) });
  const zeros = allocateTensor("float32", [bytes / 4]);
  for (let i = 0; i < count; i++) await writer.add(`tensor_${i}`, zeros);
  await writer.finish();
  truncateSync(dataFilename(prefix, 0, 1), count * bytes);
}

async function list({ prefix }: { prefix: string }): Promise<Measured & { found: number }> {
  let found = 0;
  const measured = await measure(async () => {
    found = (await listVariables(prefix)).length;
  });
  return { ...measured, found };
}

async function readOne({ prefix, name }: Place): Promise<number> {
  const storage = new CountingStorage(new NodeStorage());
  const reader = await openCheckpoint(prefix, { storage });
  await reader.get(name);
  await reader.close();
  return storage.bytesRead;
}

export const readers = {
  writeMany,
  writeHollow,
  list,
  listRemote: (remote: Remote): Promise<Measured> => measure(() => listRemote(remote)),
  readRemote: (remote: Remote): Promise<Measured> => measure(() => readRemote(remote)),
  pick: (place: Place): Promise<Measured> => measure(() => readOne(place)),
  bytesRead: (place: Place): Promise<number> => readOne(place),
};
