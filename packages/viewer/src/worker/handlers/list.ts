import type { TensorInfo } from "@tfsaver/checkpoint-reader";
import { ALL_DTYPES } from "@tfsaver/core";
import { type Handlers, transferring } from "../../rpc/index.js";
import type { UnreadableEntry } from "../list-tensors.js";
import type { OpenFile, OpenFiles } from "../open-files.js";

/** A checkpoint that was opened, and the facts about all its tensors as columns, sorted by name. */
export interface Listing {
  /** Number of the open checkpoint, for all other calls. */
  readonly id: number;
  readonly prefix: string;
  readonly format: string;
  readonly numShards: number;
  readonly names: readonly string[];
  /** Places in `ALL_DTYPES`. */
  readonly dtypes: Uint8Array;
  /** Bytes in the checkpoint. */
  readonly sizes: Float64Array;
  /** Dimensions of all tensors, one after another; those of tensor `i` end before `shapeEnds[i]`. */
  readonly dimensions: Float64Array;
  readonly shapeEnds: Uint32Array;
  readonly shards: Uint32Array;
  /** Numbers of slices of partitioned tensors; 0 for a tensor that is stored whole. */
  readonly slices: Uint32Array;
  /** 1 for a tensor of which the file gives parts without the rest. */
  readonly inParts: Uint8Array;
  /** 1 for a tensor of which the file has a checksum. */
  readonly hasChecksum: Uint8Array;
  /** Entries of the index that can't be read. */
  readonly unreadable: readonly UnreadableEntry[];
}

export interface ListContract {
  /** Opens a checkpoint and lists its tensors. */
  open(request: { readonly source: number; readonly path: string }): Listing;
}

export function listHandlers(files: OpenFiles): Handlers<ListContract> {
  return {
    open: async ({ source, path }, { signal }) => {
      const listing = listingOf(await files.open(source, path, { signal }));
      const { dtypes, sizes, dimensions, shapeEnds, shards, slices, inParts, hasChecksum } = listing;
      const columns = [dtypes, sizes, dimensions, shapeEnds, shards, slices, inParts, hasChecksum];
      return transferring(
        listing,
        columns.map(({ buffer }) => buffer),
      );
    },
  };
}

function listingOf(file: OpenFile): Listing {
  const { id, prefix, format, numShards, infos, unreadable } = file;
  const all = [...infos.values()];
  const count = all.length;
  const dimensions = new Float64Array(all.reduce((sum, { shape }) => sum + shape.length, 0));
  const shapeEnds = new Uint32Array(count);
  const dtypeNumbers = new Map(ALL_DTYPES.map((dtype, i) => [dtype, i]));
  let end = 0;
  all.forEach(({ shape }, i) => {
    dimensions.set(shape, end);
    end += shape.length;
    shapeEnds[i] = end;
  });
  return {
    id,
    prefix,
    format,
    numShards,
    names: all.map(({ name }) => name),
    dtypes: Uint8Array.from(all, ({ dtype }) => dtypeNumbers.get(dtype) as number),
    sizes: Float64Array.from(all, ({ size }) => size),
    dimensions,
    shapeEnds,
    shards: Uint32Array.from(all, ({ shard }) => shard),
    slices: Uint32Array.from(all, (info: TensorInfo) => info.slices.length),
    inParts: Uint8Array.from(all, (info) => Number(file.form(info).inParts)),
    hasChecksum: Uint8Array.from(all, (info) => Number(file.form(info).hasChecksum)),
    unreadable,
  };
}
