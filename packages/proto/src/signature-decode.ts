/**
 * Decodes the signatures of a graph: its inputs and outputs by name.
 *
 * @packageDocumentation
 */

export { SignatureDef, TensorInfo } from "./generated/signature.decode.js";
export type { MessageDecoder } from "./wire/decoder.js";
