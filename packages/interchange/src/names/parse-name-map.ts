import { DataLossError } from "@tfsaver/core";
import type { NameMap, NameRules } from "@tfsaver/core/names";
import { isObject, parseJsonObject } from "../source/parse-json.js";

/**
 * Parses a file with a map of names, in JSON or as a table with tabs:
 *
 * - `{"old": "new", "copied": ["one", "two"]}`: a table of exact names
 * - `{"rules": [{"from": "w/(.*)", "to": "$1.weight", "transpose": true}], "drop": ["adam.*"]}`: rules
 * - lines of an old and one or more new names with tabs between them, and of comments that start with `#`: a table
 *
 * @param path - for messages
 * @throws `DataLossError` if it is not a valid map; the message says what is wrong.
 */
export function parseNameMap(bytes: Uint8Array, path: string): NameMap {
  const isJson = /^\s*[{[]/.test(new TextDecoder().decode(bytes.subarray(0, 1024)));
  if (!isJson) return tableOfLines(bytes, path);
  const map = parseJsonObject(bytes, path);
  // In a table, what belongs to the name `rules` is text.
  return Array.isArray(map.rules) && map.rules.every(isObject) ? rulesOf(map, path) : tableOf(map, path);
}

function rulesOf(
  { rules, drop = [], metadata = {}, ...rest }: Readonly<Record<string, unknown>>,
  path: string,
): NameRules {
  const wrong = (what: string) => notAMap(path, what);
  for (const [i, rule] of (rules as Readonly<Record<string, unknown>>[]).entries()) {
    const { from, to, transpose = false, ...others } = rule;
    const isRule = isText(from) && isText(to) && typeof transpose === "boolean" && Object.keys(others).length === 0;
    if (!isRule) throw wrong(`rule ${i + 1} needs from and to, which are text, and may have transpose, true or false`);
  }
  if (!Array.isArray(drop) || !drop.every(isText)) throw wrong("drop must be a list of regular expressions");
  if (!isObject(metadata) || !Object.values(metadata).every(isText)) throw wrong("metadata must be names and text");
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw wrong(`'${unknown}' is unknown; rules, drop and metadata are possible`);
  return { rules, drop, metadata } as NameRules;
}

function tableOf(map: Readonly<Record<string, unknown>>, path: string): Map<string, readonly string[]> {
  const table = Object.entries(map).map(([name, targets]): [string, readonly string[]] => {
    const all: readonly unknown[] = Array.isArray(targets) ? targets : [targets];
    if (all.length > 0 && all.every(isName)) return [name, all];
    throw notAMap(path, `the value of '${name}' must be a name or an array of names`);
  });
  if (table.length === 0) throw notAMap(path, "it has no names");
  return new Map(table);
}

function tableOfLines(bytes: Uint8Array, path: string): Map<string, readonly string[]> {
  const table = new Map<string, readonly string[]>();
  for (const [i, line] of new TextDecoder().decode(bytes).split(/\r?\n/).entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const [name = "", ...targets] = line.split("\t");
    if (name === "" || targets.length === 0 || targets.includes("")) {
      throw notAMap(path, `line ${i + 1} needs an old and a new name with a tab between them`);
    }
    table.set(name, [...(table.get(name) ?? []), ...targets]);
  }
  if (table.size === 0) throw notAMap(path, "it has no names");
  return table;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isName(value: unknown): value is string {
  return isText(value) && value !== "";
}

function notAMap(path: string, why: string): DataLossError {
  return new DataLossError(`${path} is not a map of names: ${why}`, { path });
}
