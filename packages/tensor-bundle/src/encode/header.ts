import { BundleHeaderProto, BundleHeaderProto_Endianness, VersionDef } from "@tfsaver/checkpoint-proto/bundle";
import * as decoders from "@tfsaver/checkpoint-proto/bundle/decode";
import { DataLossError, InternalError, isCheckpointError } from "@tfsaver/core";
import { FORMAT_VERSION, requireReadableVersion } from "@tfsaver/core/slices";
import type { TableEntry, TableReader } from "@tfsaver/sstable";
import type { CallOptions } from "@tfsaver/storage";

/** The header of a bundle. */
export interface BundleHeader {
  /** Number of data files. */
  readonly numShards: number;
  /** Byte order of the numbers in the data files. */
  readonly endianness: "little" | "big";
  /** Versions of the format that wrote it and may read it. */
  readonly version: VersionDef;
}

/** The fields of a header to write. Defaults are what TensorFlow 2.21 writes. */
export interface NewHeader {
  readonly numShards: number;
  readonly endianness?: "little" | "big";
  readonly version?: VersionDef;
}

export function encodeHeader({ numShards, endianness = "little", version }: NewHeader): Uint8Array {
  return BundleHeaderProto.encode(
    BundleHeaderProto.create({
      numShards,
      endianness: BundleHeaderProto_Endianness[endianness === "big" ? "BIG" : "LITTLE"],
      version: version ?? VersionDef.create({ producer: FORMAT_VERSION }),
    }),
  );
}

/**
 * Reads the header: the first entry, whatever its key.
 *
 * @throws `DataLossError` or `InternalError` if there is none, `InvalidArgumentError` if the bundle needs another version
 * of the format.
 */
export async function readHeader(table: TableReader, path: string, options?: CallOptions): Promise<BundleHeader> {
  const unreadable = (why: string) =>
    `Unable to read file (${path}). Perhaps the file is corrupt or was produced by a newer version of TensorFlow ` +
    `with format changes (${why}`;
  let first: TableEntry | undefined;
  try {
    const { done, value } = await table.entries(options).next();
    first = done ? undefined : value;
  } catch (cause) {
    if (!isCheckpointError(cause, "DataLossError")) throw cause;
    throw new DataLossError(unreadable(`failed to seek to header entry): ${cause.message}`), {
      path,
      offset: cause.offset,
      cause,
    });
  }
  if (first === undefined) throw new InternalError(unreadable("failed to seek to header entry)"), { path });
  const context = { path, offset: first.offset };
  let header: BundleHeaderProto;
  try {
    header = decoders.BundleHeaderProto.decode(first.value);
  } catch (cause) {
    throw new DataLossError(unreadable("unable to parse header): Entry for key  not parseable."), {
      ...context,
      cause,
    });
  }
  const version = header.version ?? decoders.VersionDef.create();
  requireReadableVersion(version, path);
  if (header.numShards < 0) {
    throw new DataLossError(unreadable(`the header declares ${header.numShards} data files)`), context);
  }
  const big = header.endianness === decoders.BundleHeaderProto_Endianness.BIG;
  return { numShards: header.numShards, endianness: big ? "big" : "little", version };
}
