import { truncateSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { dataFilename, indexFilename } from "@tfsaver/checkpoint-names";
import { BundleEntryProto, BundleHeaderProto } from "@tfsaver/checkpoint-proto/bundle";
import { dtypeToEnum, makeTensor, type Shape } from "@tfsaver/core";
import { crc32c, maskCrc } from "@tfsaver/core/coding";
import { TableWriter } from "@tfsaver/sstable";
import { NodeStorage } from "@tfsaver/storage/node";
import { BundleWriter } from "@tfsaver/tensor-bundle";

/** Writes a checkpoint of many small tensors, as a large model with its optimizer has them. Returns its prefix. */
export async function writeManyTensors(folder: string, count: number): Promise<string> {
  await mkdir(folder, { recursive: true });
  const prefix = join(folder, `many.ckpt-${count}`);
  const writer = new BundleWriter(prefix, { storage: new NodeStorage({ fsync: false }) });
  const kinds = ["kernel", "kernel/Adam", "kernel/Adam_1", "bias"];
  const names = Array.from({ length: count }, (_, i) => {
    const layer = Math.floor(i / kinds.length);
    return `block_${String(layer >> 6).padStart(4, "0")}/layer_${layer & 63}/${kinds[i % kinds.length]}`;
  });
  await writer.addAll(
    names.sort().map((name, i) => ({ name, tensor: makeTensor("float32", [4], Float32Array.of(i, 1, 2, 3)) })),
  );
  await writer.finish();
  return prefix;
}

/**
 * Writes a checkpoint of one tensor of zeros, `large`, that takes no room on the disk. Its checksum is wrong.
 *
 * @param shape - of float32 numbers
 * @param dataBytes - bytes of the data file. Default: as many as the tensor has
 */
export async function writeLargeTensor(
  folder: string,
  name: string,
  shape: Shape,
  dataBytes?: number,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const prefix = join(folder, name);
  const size = 4 * shape.reduce((product, dimension) => product * dimension, 1);
  const entry = {
    dtype: dtypeToEnum("float32"),
    shape: { dim: shape.map((dimension) => ({ size: dimension, name: "" })), unknownRank: false },
    shardId: 0,
    offset: 0,
    size,
    crc32c: 1,
  };
  await writeIndex(prefix, [["large", BundleEntryProto.encode(BundleEntryProto.create(entry))]]);
  const data = dataFilename(prefix, 0, 1);
  writeFileSync(data, "");
  truncateSync(data, dataBytes ?? size);
  return prefix;
}

/** Writes a checkpoint of two tensors: `fine`, and `strange`, whose dtype has the unknown number 99 and whose bytes are "hello!". */
export async function writeUnknownDtype(folder: string, name: string): Promise<void> {
  const prefix = join(folder, name);
  const fine = new Uint8Array(Float32Array.of(1, 2).buffer);
  const strange = new TextEncoder().encode("hello!");
  const entryOf = (dtype: number, offset: number, bytes: Uint8Array, elements: number) =>
    BundleEntryProto.encode(
      BundleEntryProto.create({
        dtype,
        shape: { dim: [{ size: elements, name: "" }], unknownRank: false },
        shardId: 0,
        offset,
        size: bytes.length,
        crc32c: maskCrc(crc32c(bytes)),
      }),
    );
  await writeIndex(prefix, [
    ["fine", entryOf(dtypeToEnum("float32"), 0, fine, 2)],
    ["strange", entryOf(99, fine.length, strange, 6)],
  ]);
  writeFileSync(dataFilename(prefix, 0, 1), Buffer.concat([fine, strange]));
}

async function writeIndex(prefix: string, entries: readonly (readonly [string, Uint8Array])[]): Promise<void> {
  const chunks: Uint8Array[] = [];
  const table = new TableWriter({ write: async (more) => void chunks.push(...more.map((chunk) => chunk.slice())) });
  const header = BundleHeaderProto.create({ numShards: 1, version: { producer: 1, minConsumer: 0, badConsumers: [] } });
  await table.add(new Uint8Array(), BundleHeaderProto.encode(header));
  for (const [key, value] of entries) await table.add(new TextEncoder().encode(key), value);
  await table.finish();
  writeFileSync(indexFilename(prefix), Buffer.concat(chunks));
}
