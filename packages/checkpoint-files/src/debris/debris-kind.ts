import { type CheckpointFilename, type FileRole, parseCheckpointFilename } from "@tfsaver/checkpoint-names";

/**
 * Kind of a temporary file or folder, which decides when it is debris:
 *
 * - `temporary`: a file of a checkpoint that is being written.
 * - `small`: a state file, a meta graph or the like that is being written. Its name does not tell by whom.
 * - `staged`: a file of a checkpoint that was replacing an older one.
 * - `lock`: the lock of a checkpoint.
 * - `shards`: the folder for the parts of a checkpoint.
 */
type DebrisKind = "temporary" | "small" | "staged" | "lock" | "shards";

/** A temporary name in a folder. */
export interface TemporaryName {
  readonly name: string;
  /** The parsed name. */
  readonly file: CheckpointFilename;
  /** Last part of the prefix that it belongs to. */
  readonly prefix: string;
  readonly kind: DebrisKind;
}

/** Roles of files that are written without a lock of their own. */
const SMALL: ReadonlySet<FileRole> = new Set(["meta-graph", "state", "records"]);

/** Returns what a temporary name says. Undefined for the name of any other file. */
export function parseTemporaryName(name: string, type: "file" | "directory"): TemporaryName | undefined {
  const file = parseCheckpointFilename(name, type);
  const kind = file && kindOf(file);
  return file && kind && { name, file, prefix: file.prefix, kind };
}

function kindOf({ role, stage }: CheckpointFilename): DebrisKind | undefined {
  if (role === "parts") return "shards";
  if (stage === "staged") return "staged";
  if (stage === "final") return role === "lock" ? "lock" : undefined;
  return SMALL.has(role) ? "small" : "temporary";
}
