/**
 * Reads the weights of Keras models from HDF5 files. Needs the package `h5wasm`.
 *
 * @packageDocumentation
 */
import { type OpenKerasWeightsOptions, openWith } from "../../keras-h5/open-with.js";
import type { FileSource } from "../../source/file-source.js";
import { Hdf5File } from "./hdf5-file.js";
import { unpackEntry } from "./unpack-entry.js";

export type { FileSource, OpenKerasWeightsOptions };

/**
 * Opens the weights of a Keras model as a source of tensors: a `.weights.h5` or `.keras` of Keras 3, a set of files by its index
 * (`.weights.json`), or any other HDF5 file with numbers. Close it after use. The name of a tensor is the path of its dataset in
 * the file, such as `layers/dense/vars/0`.
 *
 * Reads only what is asked for; the weights of a compressed `.keras` are unpacked into a temporary file. The HDF5 library runs in a
 * worker with limits of time and memory.
 *
 * @throws `NotFoundError` if the file does not exist; `DataLossError` if it is damaged, takes too long or too much memory, or
 * expands out of proportion; `UnimplementedError` for elements that no tensor has; `FailedPreconditionError` if `h5wasm` is not
 * installed, or for a `.keras` `@zip.js/zip.js`.
 *
 * @example
 * ```ts
 * import { convertCheckpoint } from "@tfsaver/checkpoint-tools";
 * import { openKerasWeights } from "@tfsaver/interchange/keras-h5";
 *
 * await using source = await openKerasWeights("model.keras");
 * await convertCheckpoint(source, "run/model.ckpt");
 * ```
 */
export function openKerasWeights(path: string, options: OpenKerasWeightsOptions = {}): Promise<FileSource> {
  return openWith({ open: (place) => new Hdf5File(place), unpack: unpackEntry }, path, options);
}
