/**
 * Encodes and decodes `SaverDef`, which describes a saver.
 *
 * @packageDocumentation
 */

export { SaverDef, SaverDef_CheckpointFormatVersion } from "./generated/meta-graph.js";
export type { MessageCodec } from "./wire/codec.js";
