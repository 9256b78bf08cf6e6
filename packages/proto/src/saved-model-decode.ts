/**
 * Decodes the graphs of a SavedModel.
 *
 * @packageDocumentation
 */

export { SavedModel } from "./generated/saved-model.decode.js";
export type { MessageDecoder } from "./wire/decoder.js";
