/**
 * The picture of ARCHITECTURE.md as data, bottom row first. A room may import the rooms of every row below its own,
 * and in its own row those that are written behind it.
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

/** Rooms for which the rows say too much: they may import these alone. */
export const only: Readonly<Record<string, readonly string[]>> = {
  // A saver reaches the bytes of a tensor through a session, so that every engine is as good as another. The reader only
  // tells it which names there are, and what is wrong with files.
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
  // Stands beside the rows: whoever plugs something in runs its suites.
  testing: ["core", "storage", "graph", "retention", "saver-builders"],
};

/** Rooms that need Node.js as a whole; elsewhere only what is under `src/node/` may. */
export const nodeRooms: readonly string[] = ["cli", "session-grpc"];

/** The rooms that a room may import. */
export function allowed(room: string): ReadonlySet<string> {
  const level = rows.findIndex((row) => room in row);
  const below = rows.slice(0, Math.max(level, 0)).flatMap((row) => Object.keys(row));
  return new Set(only[room] ?? [...below, ...(rows[level]?.[room] ?? [])]);
}
