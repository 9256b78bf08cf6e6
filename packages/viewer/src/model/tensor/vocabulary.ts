import type { Catalog } from "../tensors/catalog.js";

/** The two tensors of a hash table, by name. */
export interface VocabularyTable {
  readonly keys: string;
  readonly values: string;
}

/** The names that TensorFlow's tables save: `table-keys`, or object-based `table/.ATTRIBUTES/table-keys`. */
const ENDINGS = /^(.*-)(keys|values)$/s;

/** Finds the table that a tensor belongs to. Undefined if it is no part of one. */
export function tableOf(catalog: Pick<Catalog, "get">, name: string): VocabularyTable | undefined {
  const [, start] = ENDINGS.exec(name) ?? [];
  if (start === undefined) return undefined;
  const [keys, values] = [catalog.get(`${start}keys`), catalog.get(`${start}values`)];
  if (keys === undefined || values === undefined || keys.shape.length !== 1 || keys.shape[0] !== values.shape[0]) {
    return undefined;
  }
  return { keys: keys.name, values: values.name };
}
