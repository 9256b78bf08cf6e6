import type { ReadableFile } from "@tfsaver/storage";

/** An HDF5 file, which may be a part of another file. */
export interface Hdf5Place {
  readonly file: ReadableFile;
  /** Offset in `file`. */
  readonly start: number;
  /** Bytes. */
  readonly size: number;
}
