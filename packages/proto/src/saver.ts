/**
 * The message that describes a saver.
 *
 * @packageDocumentation
 */
export type { MessageCodec } from "./codec.js";
export { SaverDef, SaverDef_CheckpointFormatVersion } from "./generated/meta-graph.js";
