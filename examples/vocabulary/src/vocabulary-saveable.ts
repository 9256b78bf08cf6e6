import { type MutableHashTable, type Operation, type Output, SaveableObject, specOf } from "tfsaver";

/**
 * Saves a table of words and their numbers as two tensors of one length, `name/words` and `name/numbers`. What is not a
 * variable has no name and no assignment of its own, so this is where both are said.
 */
export class VocabularySaveable extends SaveableObject {
  constructor(
    private readonly table: MutableHashTable,
    name: string,
  ) {
    const { keys, values } = table.export();
    super(table, [specOf(keys, "", `${name}/words`), specOf(values, "", `${name}/numbers`)], name);
  }

  /** Is given the two tensors as the checkpoint has them, in the order of the specs. */
  override restore([words, numbers]: readonly Output[]): Operation {
    return this.table.restore(words as Output, numbers as Output);
  }
}
