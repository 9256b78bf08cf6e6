/**
 * The table of ARCHITECTURE.md as data, bottom row first. A room may import the rooms of all rows below its own, and those of
 * its own row that are listed with it.
 */
export const rows: readonly Readonly<Record<string, readonly string[]>>[] = [
  {
    core: [],
    "checkpoint-proto": ["core"],
    proto: ["core", "checkpoint-proto"],
    storage: ["core"],
    "checkpoint-names": [],
  },
  { sstable: [] },
  { "tensor-bundle": [], "saved-tensor-slices": [], "checkpoint-reader": ["tensor-bundle", "saved-tensor-slices"] },
  {
    "checkpoint-files": [],
    "checkpoint-state": ["checkpoint-files"],
    retention: [],
    "storage-s3": [],
    "storage-opfs": [],
    "kept-checkpoints": ["checkpoint-files", "checkpoint-state", "retention"],
  },
  { graph: [] },
  { "saver-builders": [], "meta-graph": [], "session-local": [], "session-grpc": [] },
  { saver: [], "object-checkpoint": [], "checkpoint-manager": [] },
  { "checkpoint-tools": [], interchange: [] },
  { tfsaver: [], cli: ["viewer"], viewer: [], tfjs: [] },
];

/** Rooms that may import only these, not all rows below. */
export const only: Readonly<Record<string, readonly string[]>> = {
  // A saver reads and writes tensors through a session only, so that it works with every engine. From the reader it gets
  // names and diagnoses.
  saver: [
    "core",
    "proto",
    "storage",
    "checkpoint-names",
    "checkpoint-reader",
    "checkpoint-files",
    "checkpoint-state",
    "retention",
    "kept-checkpoints",
    "graph",
    "saver-builders",
    "meta-graph",
  ],
  // A manager drives savers of any kind by contract, so it knows none of them, and no engine.
  "checkpoint-manager": [
    "core",
    "storage",
    "checkpoint-names",
    "checkpoint-reader",
    "checkpoint-files",
    "checkpoint-state",
    "retention",
    "graph",
  ],
  // A storage knows nothing of checkpoints.
  "storage-s3": ["core", "storage"],
  "storage-opfs": ["core", "storage"],
  // Beside the rows: authors of plug-ins run its suites.
  testing: ["core", "storage", "graph", "retention", "saver-builders"],
};

/** Rooms that need Node.js. In all others, only files below `src/node/` may need it. */
export const nodeRooms: readonly string[] = ["cli", "session-grpc"];

/** Rooms that are published as bundles, with the code of their development dependencies in them. */
export const bundledRooms: readonly string[] = ["viewer"];

/** Returns the rooms that a room may import. */
export function allowed(room: string): ReadonlySet<string> {
  const level = rows.findIndex((row) => room in row);
  const below = rows.slice(0, Math.max(level, 0)).flatMap((row) => Object.keys(row));
  return new Set(only[room] ?? [...below, ...(rows[level]?.[room] ?? [])]);
}
