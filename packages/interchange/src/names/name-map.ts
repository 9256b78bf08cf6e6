import { DataLossError, ValueError } from "@tfsaver/core";
import { isObject, parseJsonObject } from "../source/parse-json.js";

/** Turns names of tensors into those that another library uses. The first rule that matches counts. */
export interface NameMap {
  readonly rules: readonly NameRule[];
  /** Patterns of the names of tensors that are left out. Default: none. */
  readonly drop?: readonly string[] | undefined;
  /** Text to store with the tensors. Default: none. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** A rule of a {@link NameMap}. */
export interface NameRule {
  /** A regular expression for the whole name. */
  readonly from: string;
  /** The new name; `$1` is what the first group matched. */
  readonly to: string;
  /** Reverses the order of the dimensions. Default: false. */
  readonly transpose?: boolean | undefined;
}

/** A tensor under its new name. */
export interface NewName {
  readonly name: string;
  readonly transpose: boolean;
}

/**
 * Applies a map to names. Names that `drop` matches are left out.
 *
 * @returns the new names by the old ones
 * @throws `ValueError` that lists the names for which there is no rule, or if two names become one, or a pattern is not valid.
 */
export function applyNameMap(names: readonly string[], { rules, drop = [] }: NameMap): Map<string, NewName> {
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

/**
 * Parses a map that is stored as JSON: `{"rules": [{"from": "w/(.*)", "to": "$1.weight", "transpose": true}], "drop": ["adam.*"]}`.
 *
 * @param path - for messages
 * @throws `DataLossError` if it is not a valid map.
 */
export function parseNameMap(bytes: Uint8Array, path: string): NameMap {
  const { rules, drop = [], metadata = {}, ...rest } = parseJsonObject(bytes, path);
  const isText = (value: unknown) => typeof value === "string";
  const isRule = (rule: unknown) =>
    isObject(rule) && isText(rule.from) && isText(rule.to) && typeof (rule.transpose ?? false) === "boolean";
  const isMap =
    Array.isArray(rules) &&
    rules.every(isRule) &&
    Array.isArray(drop) &&
    drop.every(isText) &&
    isObject(metadata) &&
    Object.values(metadata).every(isText) &&
    Object.keys(rest).length === 0;
  if (!isMap) throw new DataLossError(`${path} is not a map of names: it needs rules with from and to`, { path });
  return { rules, drop, metadata: metadata as Readonly<Record<string, string>> };
}
