/**
 * Converts checkpoints to and from other formats. Each format has an entry point of its own.
 *
 * @packageDocumentation
 */
export { type InterchangeFormat, interchangeFormat } from "./interchange-format.js";
export { bertToHuggingFace } from "./names/bert-to-hugging-face.js";
export { mapTensors } from "./names/map-tensors.js";
export { type NameMap, type NameRule, parseNameMap } from "./names/name-map.js";
