/** Begins the name of an input that lies outside of an exported name scope. */
export const UNBOUND_INPUT_PREFIX = "$unbound_inputs_";

/** Which part of a graph is exported. */
export interface ExportFilter {
  /** What names must begin with, and lose; `""` for the whole graph. No boundary is implied: see `exportScope`. */
  readonly exportScope: string;
  /** Names of nodes that are left out. */
  readonly excluded: ReadonlySet<string>;
}

/**
 * Whether a node, or a value of a collection, is part of what is exported. A value without a name always is; text counts
 * as a name.
 */
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
