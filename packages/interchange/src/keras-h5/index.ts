/**
 * Reads the weights of Keras models from HDF5 files. Needs the package `h5wasm`.
 *
 * @packageDocumentation
 */
import type { FileSource } from "../source/file-source.js";
import { Hdf5File } from "./in-thread/hdf5-file.js";
import { unpackEntry } from "./in-thread/unpack-entry.js";
import { type OpenKerasWeightsOptions, openWith } from "./open-with.js";

export type { FileSource, OpenKerasWeightsOptions };

/**
 * Opens the weights of a Keras model as a source of tensors, as in Node.js. An HDF5 file of up to 1 GiB is read whole, and the HDF5
 * library runs where it is called: call it in a worker.
 *
 * @throws as in Node.js, and `ResourceExhaustedError` for a larger file.
 *
 * @example
 * ```ts
 * import { openKerasWeights } from "@tfsaver/interchange/keras-h5";
 * import { HttpStorage } from "@tfsaver/storage/http";
 *
 * await using source = await openKerasWeights("model.keras", { storage: new HttpStorage("https://models.example/") });
 * for await (const { name, shape } of source.tensors()) console.log(name, shape);
 * ```
 */
export function openKerasWeights(path: string, options: OpenKerasWeightsOptions = {}): Promise<FileSource> {
  return openWith({ open: (place) => new Hdf5File(place), unpack: unpackEntry }, path, options);
}
