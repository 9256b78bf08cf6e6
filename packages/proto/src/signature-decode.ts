/**
 * Decodes the signatures of a graph: its inputs and outputs by name.
 *
 * @packageDocumentation
 */

export type { MessageDecoder } from "@tfsaver/checkpoint-proto/wire";
export { SignatureDef, TensorInfo } from "./generated/signature.decode.js";
