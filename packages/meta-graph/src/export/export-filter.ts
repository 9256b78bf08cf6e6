/** Prefix of the names of inputs from outside of an exported name scope. */
export const UNBOUND_INPUT_PREFIX = "$unbound_inputs_";

/** The part of a graph to export. */
export interface ExportFilter {
  /** The prefix that names must have, and lose; `""` for the whole graph. As in TensorFlow, `h` also matches `h2`. */
  readonly exportScope: string;
  /** Names of nodes that are left out. */
  readonly excluded: ReadonlySet<string>;
}

/** True if a node or a value of a collection is exported. Text counts as a name; a value without a name is exported. */
export function isExported(value: unknown, { exportScope, excluded }: ExportFilter): boolean {
  const name = nameOf(value);
  if (name === undefined) return true;
  if (excluded.has(name)) return false;
  return name.startsWith(UNBOUND_INPUT_PREFIX) || name.startsWith(exportScope);
}

function nameOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || !("name" in value)) return undefined;
  return typeof value.name === "string" ? value.name : undefined;
}
