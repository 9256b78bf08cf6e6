import type { CallOptions, ReadableFile } from "@tfsaver/storage";
import type { FileEntry } from "@zip.js/zip.js";
import type { ZipArchive } from "../source/zip-archive.js";
import type { Hdf5Place } from "./hdf5-place.js";
import type { OpenHdf5 } from "./hdf5-types.js";

/** What differs between Node.js and browsers. */
export interface Platform {
  /** Opens an HDF5 file, which takes over its file. Fails at the first call if that is impossible. */
  readonly open: (place: Hdf5Place) => OpenHdf5;
  /**
   * Unpacks an entry of a zip file, because HDF5 files are read in any order.
   *
   * @returns the unpacked file, which has the path of the archive in messages
   */
  readonly unpack: (archive: ZipArchive, entry: FileEntry, path: string, options: CallOptions) => Promise<ReadableFile>;
}
