/**
 * Maps of names of tensors, which say what tensors are called elsewhere.
 *
 * @packageDocumentation
 */
export {
  applyNameRules,
  isNameRules,
  type NameMap,
  type NameRule,
  type NameRules,
  type NameTable,
  type NewName,
  nameInMap,
  namesInTable,
} from "./name-map.js";
