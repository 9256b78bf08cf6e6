import { type MutableHashTable, type Operation, type Output, SaveableObject, specOf } from "tfsaver";

/**
 * Saves a table of words and their numbers as two tensors of the same length, `name/words` and `name/numbers`. A table
 * is not a variable, so this class defines the names of its tensors and how they are restored.
 */
export class VocabularySaveable extends SaveableObject {
  readonly #table: MutableHashTable;

  constructor(table: MutableHashTable, name: string) {
    const { keys, values } = table.export();
    super(table, [specOf(keys, "", `${name}/words`), specOf(values, "", `${name}/numbers`)], name);
    this.#table = table;
  }

  /** Restores the table from its two tensors, in the order of the specs. */
  override restore([words, numbers]: readonly Output[]): Operation {
    return this.#table.restore(words as Output, numbers as Output);
  }
}
