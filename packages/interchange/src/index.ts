/**
 * Converts checkpoints to and from other formats. Each format has an entry point of its own.
 *
 * @packageDocumentation
 */
export { type InterchangeFormat, interchangeFormat } from "./interchange-format.js";
