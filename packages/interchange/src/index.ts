/**
 * Converts checkpoints to and from other formats. Each format has an entry point of its own.
 *
 * @packageDocumentation
 */
export type { NameMap, NameRule, NameRules, NameTable } from "@tfsaver/core/names";
export { type InterchangeFormat, interchangeFormat } from "./interchange-format.js";
export { bertToHuggingFace } from "./names/bert-to-hugging-face.js";
export { mapTensors } from "./names/map-tensors.js";
export { parseNameMap } from "./names/parse-name-map.js";
