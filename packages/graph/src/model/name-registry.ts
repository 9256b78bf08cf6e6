import { ValueError } from "@tfsaver/core";

const OP_NAME = /^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$/;
const INNER_SCOPE_NAME = /^[A-Za-z0-9_.\\/>-]*$/;

/** @throws `ValueError` if `name` is not a valid operation name. */
export function requireOpName(name: string): void {
  if (!OP_NAME.test(name)) throw new ValueError(`'${name}' is not a valid node name`);
}

/** @throws `ValueError` if `name` is not a valid scope name; at the root, it must be a valid operation name too. */
export function requireScopeName(name: string, atRoot: boolean): void {
  if (atRoot && !OP_NAME.test(name)) throw new ValueError(`'${name}' is not a valid root scope name`);
  if (!INNER_SCOPE_NAME.test(name)) throw new ValueError(`'${name}' is not a valid scope name`);
}

/** Remembers the names of a graph's operations and scopes, and makes new ones unique. Case is ignored. */
export class NameRegistry {
  /** For every name in use, in lower case: the first suffix to try for the next name like it. */
  readonly #inUse = new Map<string, number>();
  /** Names of imported operations. They are indexed on the first {@link claim}: most imported graphs only run. */
  #marked: string[] = [];

  /**
   * Returns `name`, or the first free one of `name_1`, `name_2`, … (`tf.Graph.unique_name`).
   *
   * @param markAsUsed - take the name
   */
  claim(name: string, markAsUsed: boolean): string {
    this.#indexMarked();
    const key = name.toLowerCase();
    let number = this.#inUse.get(key) ?? 0;
    if (number > 0) while (this.#inUse.has(`${key}_${number}`)) number++;
    if (markAsUsed) {
      if (number > 0) this.#inUse.set(`${key}_${number}`, 1);
      this.#inUse.set(key, number + 1);
    }
    return number === 0 ? name : `${name}_${number}`;
  }

  /** Takes a name as it is. */
  mark(name: string): void {
    this.#marked.push(name);
  }

  #indexMarked(): void {
    for (const name of this.#marked) {
      const key = name.toLowerCase();
      if (!this.#inUse.has(key)) this.#inUse.set(key, 1);
    }
    this.#marked = [];
  }
}
