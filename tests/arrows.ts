/**
 * The diagram of ARCHITECTURE.md as data, bottom row first. A package may import all packages of the rows below, and the
 * packages that follow it in its own row.
 */
export const rows: readonly Readonly<Record<string, readonly string[]>>[] = [
  { core: [], proto: ["core"], storage: ["core"], "checkpoint-names": [] },
  { sstable: [] },
  { "tensor-bundle": [], "saved-tensor-slices": [], "checkpoint-reader": ["tensor-bundle", "saved-tensor-slices"] },
  { "checkpoint-files": [], "checkpoint-state": ["checkpoint-files"], retention: [] },
  { graph: [] },
  { "saver-builders": [], "meta-graph": [], "session-local": [], "session-grpc": [] },
  { saver: [] },
  { "checkpoint-tools": [] },
  { tfsaver: [], cli: [] },
];

/** Packages with fewer allowed imports than their row gives them. */
export const only: Readonly<Record<string, readonly string[]>> = {
  // The saver gets the values of tensors through a session only, so that it works with every session. It uses the reader
  // for names and for diagnosing damaged files.
  saver: [
    "core",
    "proto",
    "storage",
    "checkpoint-names",
    "checkpoint-reader",
    "checkpoint-files",
    "checkpoint-state",
    "retention",
    "graph",
    "saver-builders",
    "meta-graph",
  ],
  // Not in a row: implementations of any layer run its compliance suites.
  testing: ["core", "storage", "graph", "retention", "saver-builders"],
};

/** Packages that need Node.js. In other packages only `src/node/` may. */
export const nodeRooms: readonly string[] = ["cli", "session-grpc"];

/** Returns the packages that a package may import. */
export function allowed(room: string): ReadonlySet<string> {
  const level = rows.findIndex((row) => room in row);
  const below = rows.slice(0, Math.max(level, 0)).flatMap((row) => Object.keys(row));
  return new Set(only[room] ?? [...below, ...(rows[level]?.[room] ?? [])]);
}
