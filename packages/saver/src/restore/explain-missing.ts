import { similarNames, type TensorInfo } from "@tfsaver/checkpoint-reader";
import type { RestoreTarget, TargetTensor } from "../access/restore-targets.js";
import { andMore, listNames, MAX_NAMES } from "./list-names.js";

/**
 * Explains which names of a saver a checkpoint lacks, which of its names are probably meant, and how to restore them: with a
 * `varList` as code.
 *
 * @param stored - the tensors of the checkpoint, by name
 * @returns `undefined` if the checkpoint lacks none
 */
export function explainMissing(
  targets: readonly RestoreTarget[],
  stored: ReadonlyMap<string, TensorInfo>,
): string | undefined {
  const tensors = new Map(targets.flatMap((target) => target.tensors.map((tensor) => [tensor.name, tensor] as const)));
  const names = [...tensors.keys()].sort();
  const missing = names.filter((name) => !stored.has(name));
  if (missing.length === 0) return undefined;
  const all = `Not in the checkpoint: ${missing.length} of ${names.length} names: ${listNames(missing)}`;
  const unused = [...stored.values()].filter(({ name }) => !tensors.has(name));
  const meant = counterparts(
    missing.slice(0, MAX_NAMES).map((name) => tensors.get(name) as TargetTensor),
    unused,
  );
  if (meant.size === 0) return `${all}\n\nIt has no similar names`;
  const keys = new Map(
    names.filter((name) => stored.has(name) || meant.has(name)).map((name) => [name, meant.get(name) ?? name]),
  );
  return [
    all,
    "",
    "These names of the checkpoint are probably meant:",
    ...[...meant].map(([name, key]) => `  ${name} -> ${key}`),
    "",
    "To restore them, use a saver with this `varList`, where `byName` has your variables by the names that the saver has now:",
    ...varListOf(keys, meant),
  ].join("\n");
}

/** Assigns each missing tensor the most similar one, so that none is assigned twice. */
function counterparts(missing: readonly TargetTensor[], unused: readonly TensorInfo[]): Map<string, string> {
  const pairs = missing.flatMap(({ name, dtype, shape }) =>
    similarNames({ name, dtype, shape }, unused).map((similar) => ({ wanted: name, key: similar.name, ...similar })),
  );
  pairs.sort((a, b) => b.similarity - a.similarity);
  const found = new Map<string, string>();
  const taken = new Set<string>();
  for (const { wanted, key } of pairs) {
    if (found.has(wanted) || taken.has(key)) continue;
    found.set(wanted, key);
    taken.add(key);
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Prints a map from keys to variables as code, those with another name first. */
function varListOf(keys: ReadonlyMap<string, string>, meant: ReadonlyMap<string, string>): string[] {
  const entries = [...meant, ...[...keys].filter(([name]) => !meant.has(name))];
  const lines = entries
    .slice(0, MAX_NAMES)
    .map(([name, key]) => `  [${JSON.stringify(key)}, byName.get(${JSON.stringify(name)})],`);
  const more = andMore(entries.length);
  return ["new Map([", ...lines, ...(more === "" ? [] : [`  //${more}, under their own names`]), "])"];
}
