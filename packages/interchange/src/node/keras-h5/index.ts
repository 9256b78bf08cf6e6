/**
 * Reads the weights of Keras models from HDF5 files. Needs Node.js and the package `h5wasm`.
 *
 * @packageDocumentation
 */
export type { FileSource } from "../../source/file-source.js";
export { type OpenKerasWeightsOptions, openKerasWeights } from "./open-keras-weights.js";
