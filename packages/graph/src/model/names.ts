import { ValueError } from "@tfsaver/core";

const OP_NAME = /^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$/;
const INNER_SCOPE_NAME = /^[A-Za-z0-9_.\\/>-]*$/;

/** @throws `ValueError` if an operation can't have this name. */
export function requireOpName(name: string): void {
  if (!OP_NAME.test(name)) throw new ValueError(`'${name}' is not a valid node name`);
}

/** @throws `ValueError` if a scope can't have this name; at the root it must start like an operation's. */
export function requireScopeName(name: string, atRoot: boolean): void {
  if (atRoot && !OP_NAME.test(name)) throw new ValueError(`'${name}' is not a valid root scope name`);
  if (!INNER_SCOPE_NAME.test(name)) throw new ValueError(`'${name}' is not a valid scope name`);
}

/** The names of a graph's operations and scopes, so that new ones differ from them, upper and lower case alike. */
export class NameRegistry {
  /** For every name in use, in lower case: the number from which on to look for a free one like it. */
  readonly #inUse = new Map<string, number>();
  /** Names that are taken as they are. Most imported graphs are only run, and then nobody asks. */
  #marked: string[] = [];

  /** `name`, or `name_1`, `name_2` … if it is taken; taken from now on (`tf.Graph.unique_name`). */
  claim(name: string): string {
    this.#takeMarked();
    const key = name.toLowerCase();
    let number = this.#inUse.get(key) ?? 0;
    if (number > 0) {
      while (this.#inUse.has(`${key}_${number}`)) number++;
      this.#inUse.set(`${key}_${number}`, 1);
    }
    this.#inUse.set(key, number + 1);
    return number === 0 ? name : `${name}_${number}`;
  }

  /** Takes a name as it is. */
  mark(name: string): void {
    this.#marked.push(name);
  }

  #takeMarked(): void {
    for (const name of this.#marked) {
      const key = name.toLowerCase();
      if (!this.#inUse.has(key)) this.#inUse.set(key, 1);
    }
    this.#marked = [];
  }
}

/** The name of the operation that a tensor name (`a:0`) or a control input (`^a`) belongs to. */
export function opNameOf(name: string): string {
  return name.replace(/^\^/, "").replace(/:\d+$/, "");
}

/** The scope that a name is in: `a/b` for `a/b/c`; `""` for none. */
export function scopeOf(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf("/")));
}

/** All scopes that a name is in: `a/b` and `a` for `a/b/c`. */
export function scopesOf(name: string): string[] {
  const scopes: string[] = [];
  for (let scope = scopeOf(name); scope !== ""; scope = scopeOf(scope)) scopes.push(scope);
  return scopes;
}

function splitMark(name: string): [string, string, string] {
  return /^(\^|loc:@|)(.*)$/s.exec(name) as unknown as [string, string, string];
}

/** Puts `scope/` before a name, behind a leading `^` or `loc:@` (TensorFlow's `prepend_name_scope`). */
export function prependNameScope(name: string, scope: string): string {
  if (scope === "") return name;
  const [, mark, rest] = splitMark(name);
  return `${mark}${scope.replace(/\/$/, "")}/${rest}`;
}

/**
 * Takes `scope/` from a name that begins with it, behind a leading `^` or `loc:@` (TensorFlow's `strip_name_scope`).
 * Other names stay as they are.
 */
export function stripNameScope(name: string, scope: string): string {
  if (scope === "") return name;
  const [, mark, rest] = splitMark(name);
  const inside = scope.replace(/\/$/, "");
  if (!rest.startsWith(`${inside}/`)) return name;
  return mark + rest.slice(inside.length).replace(/^\/+/, "");
}
