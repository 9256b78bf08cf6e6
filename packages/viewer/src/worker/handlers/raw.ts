import { dataFilename, indexFilename } from "@tfsaver/checkpoint-names";
import * as decoders from "@tfsaver/checkpoint-proto/bundle/decode";
import { TableReader } from "@tfsaver/sstable";
import type { CallOptions } from "@tfsaver/storage";
import { type Handlers, transferring } from "../../rpc/index.js";
import type { OpenFile, OpenFiles } from "../open-files.js";

/** Bytes of an entry that can't be read as a tensor. */
interface RawBytes {
  /** Number of its dtype, as the index has it. */
  readonly dtype: number;
  /** Dimensions, as the index has them. */
  readonly shape: readonly number[];
  readonly path: string;
  /** Byte offset in the file. */
  readonly offset: number;
  /** Length in bytes, as the index has it. */
  readonly length: number;
  /** The first bytes that the file has there. */
  readonly bytes: Uint8Array;
}

export interface RawContract {
  /**
   * Reads the first bytes of an entry that can't be read as a tensor. Undefined if the index does not tell where they are.
   */
  rawBytes(request: { readonly id: number; readonly name: string; readonly maxBytes: number }): RawBytes | undefined;
}

export function rawHandlers(files: OpenFiles): Handlers<RawContract> {
  return {
    rawBytes: async ({ id, name, maxBytes }, { signal }) => {
      const file = files.get(id);
      const value = await storedEntry(file, name, { signal });
      const fields = value && parsed(value);
      if (fields === undefined || fields.shardId < 0 || fields.shardId >= file.numShards) return undefined;
      const { dtype, shape, shardId, offset, size } = fields;
      const path = dataFilename(file.prefix, shardId, file.numShards);
      const data = await file.storage.open(path, { signal });
      try {
        const room = Math.max(data.size - offset, 0);
        const bytes = new Uint8Array(Math.min(size, room, maxBytes));
        await data.readInto(offset, [bytes], { signal });
        const dims = shape?.dim.map((dim) => dim.size) ?? [];
        const raw: RawBytes = { dtype, shape: dims, path, offset, length: size, bytes };
        return transferring<RawBytes | undefined>(raw, [bytes.buffer]);
      } finally {
        await data.close();
      }
    },
  };
}

/** Returns the bytes of an entry of the index. */
async function storedEntry({ storage, prefix }: OpenFile, name: string, options: CallOptions) {
  const index = await storage.open(indexFilename(prefix), options);
  try {
    const table = await TableReader.open(index, options);
    return await table.get(new TextEncoder().encode(name), options);
  } finally {
    await index.close();
  }
}

/** Parses an entry; undefined if it is no message, or its numbers are impossible. */
function parsed(value: Uint8Array) {
  try {
    const fields = decoders.BundleEntryProto.decode(value);
    const { offset, size } = fields;
    return offset >= 0 && size >= 0 && Number.isSafeInteger(offset + size) ? fields : undefined;
  } catch {
    return undefined;
  }
}
