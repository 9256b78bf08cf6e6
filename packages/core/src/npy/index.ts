/**
 * The header of NumPy files (`.npy`): how NumPy writes dtype and shape.
 *
 * @packageDocumentation
 */
export { type NpyArray, parseNpyHeader } from "./parse-header.js";
export { npyHeader, numpyDescr } from "./print-header.js";
