/**
 * Decodes the graphs of a SavedModel.
 *
 * @packageDocumentation
 */

export type { MessageDecoder } from "@tfsaver/checkpoint-proto/wire";
export { SavedModel } from "./generated/saved-model.decode.js";
