/**
 * Encodes and decodes `SaverDef`, which describes a saver.
 *
 * @packageDocumentation
 */

export type { MessageCodec } from "@tfsaver/checkpoint-proto/wire";
export { SaverDef, SaverDef_CheckpointFormatVersion } from "./generated/saver.js";
