import type { Shape } from "@tfsaver/core";
import type { CallOptions } from "@tfsaver/storage";

/** A dataset of an HDF5 file, as the library describes it. */
export interface Hdf5Dataset {
  /** Path in the file, without a `/` in front. */
  readonly name: string;
  /** Number of the class of its type in HDF5. */
  readonly type: number;
  /** Bytes of an element. */
  readonly size: number;
  readonly signed: boolean;
  readonly littleEndian: boolean;
  /** Null for a dataset without elements. */
  readonly shape: Shape | null;
  /** Shape of the parts in which it is stored, if it is. */
  readonly chunks: Shape | null;
  /** The attribute `dtype`. */
  readonly kind: string | undefined;
  /** Names of the values of an enumeration, sorted. */
  readonly members: string | undefined;
}

/** Part of a dataset. */
export interface Hdf5Slice {
  readonly name: string;
  readonly offset: readonly number[];
  readonly count: readonly number[];
  readonly bytes: number;
}

/** An HDF5 file that may come from anywhere. */
export interface OpenHdf5 {
  /** Bytes of the HDF5 file. */
  readonly size: number;
  /** Lists the datasets, in all groups. Links to other files are left out. */
  datasets(options: CallOptions): Promise<readonly Hdf5Dataset[]>;
  /** Reads a part of a dataset as bytes, in the byte order of the file. */
  read(task: Hdf5Slice, options: CallOptions): Promise<Uint8Array>;
  close(): Promise<void>;
}
