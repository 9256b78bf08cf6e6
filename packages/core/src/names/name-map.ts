import { ValueError } from "../errors.js";

/** Says what tensors are called elsewhere: by a table of exact names, or by rules. */
export type NameMap = NameTable | NameRules;

/** New names by exact old ones; several new names make copies. Tensors that are not in the table keep their names. */
export type NameTable =
  | Readonly<Record<string, string | readonly string[]>>
  | ReadonlyMap<string, string | readonly string[]>;

/** Turns names of tensors into those of another library. Each tensor needs a rule; the first one that matches counts. */
export interface NameRules {
  readonly rules: readonly NameRule[];
  /** Regular expressions for the whole names of tensors that are left out. Default: none. */
  readonly drop?: readonly string[] | undefined;
  /** Text to store with the tensors, in formats that have a place for it. Default: none. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** A rule of {@link NameRules}. */
export interface NameRule {
  /** A regular expression for the whole name. */
  readonly from: string;
  /** The new name; `$1` is what the first group matched. */
  readonly to: string;
  /** Reverses the order of the dimensions. Default: false. */
  readonly transpose?: boolean | undefined;
}

/** The new name of a tensor. */
export interface NewName {
  readonly name: string;
  readonly transpose: boolean;
}

/** True if a map has rules. A table may have a tensor named `rules`, whose new names are text. */
export function isNameRules(map: NameMap): map is NameRules {
  if (map instanceof Map || !("rules" in map)) return false;
  const rules: unknown = map.rules;
  return Array.isArray(rules) && rules.every((rule) => typeof rule === "object");
}

/** Returns the name of a tensor in a map: in an object-based checkpoint, the path of its object. */
export function nameInMap(name: string): string {
  return name.replace(/\/\.ATTRIBUTES\/VARIABLE_VALUE$/, "");
}

/**
 * Returns the new names of a table, by the old ones.
 *
 * @throws `ValueError` if a name has no new one.
 */
export function namesInTable(table: NameTable): Map<string, readonly string[]> {
  const entries = table instanceof Map ? [...table] : Object.entries(table);
  return new Map(
    entries.map(([name, targets]: [string, string | readonly string[]]) => {
      const all = typeof targets === "string" ? [targets] : targets;
      if (all.length === 0) throw new ValueError(`${name} has no new name in the map: drop it in a step of its own`);
      return [name, all];
    }),
  );
}

/**
 * Applies rules to names. Names that `drop` matches are left out.
 *
 * @returns the new names by the old ones
 * @throws `ValueError` that lists the names for which there is no rule, or if two names become one, or a pattern is not valid.
 */
export function applyNameRules(names: readonly string[], { rules, drop = [] }: NameRules): Map<string, NewName> {
  const dropped = drop.map(pattern);
  const patterns = rules.map(({ from, to, transpose = false }) => ({ from: pattern(from), to, transpose }));
  const found = new Map<string, NewName>();
  const taken = new Map<string, string>();
  const unknown: string[] = [];
  for (const name of names) {
    if (dropped.some((expression) => expression.test(name))) continue;
    const rule = patterns.find(({ from }) => from.test(name));
    if (rule === undefined) {
      unknown.push(name);
      continue;
    }
    const next = name.replace(rule.from, rule.to);
    const other = taken.get(next);
    if (other !== undefined) throw new ValueError(`${other} and ${name} would both become ${next}: change the map`);
    taken.set(next, name);
    found.set(name, { name: next, transpose: rule.transpose });
  }
  if (unknown.length > 0) {
    throw new ValueError(`The map has no rule for ${unknown.join(", ")}: add rules, or patterns to its drop`);
  }
  if (found.size === 0) throw new ValueError("The map leaves no tensor");
  return found;
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(`^(?:${text})$`, "su");
  } catch (cause) {
    throw new ValueError(`'${text}' in the map is not a regular expression`, { cause });
  }
}
