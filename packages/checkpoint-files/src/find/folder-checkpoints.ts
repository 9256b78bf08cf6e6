import {
  allShardsPattern,
  type CheckpointFilename,
  indexFilename,
  lockFilename,
  metaGraphFilename,
  parseCheckpointFilename,
  removingFilename,
  shardFilespec,
  stagedIndexFilename,
} from "@tfsaver/checkpoint-names";
import { sliceFiles } from "@tfsaver/saved-tensor-slices/shards";
import { basename, escapeGlob, joinPath, type Storage } from "@tfsaver/storage";
import { isRecognized } from "../debris/recognize.js";
import { isTable } from "./is-table.js";

/** A checkpoint that has files in a folder. */
export interface FolderCheckpoint {
  readonly prefix: string;
  readonly format: "V1" | "V2";
  /** False for V2 data files that lost their index. */
  readonly exists: boolean;
  /** Time of the last write, in milliseconds since 1970. */
  readonly modifiedMs: number;
}

/**
 * Returns the checkpoints that have files in a folder, by the last part of their prefix. A V2 checkpoint is known by its
 * index, or by data files that lost theirs, unless a removal was interrupted. A V1 file has no ending; it counts if the state
 * names it, if its meta graph lies beside it, or if it ends like a table.
 *
 * @param stated - last parts of the prefixes that the state file names
 */
export async function checkpointsInFolder(
  folder: string,
  stated: ReadonlySet<string>,
  storage: Storage,
): Promise<Map<string, FolderCheckpoint>> {
  const entries = await storage.list(folder === "" ? "." : folder);
  const names = entries.filter(({ kind }) => kind === "file").map(({ name }) => name);
  const all = new Set(names);
  const found = new Map<string, FolderCheckpoint>();
  const add = async (key: string, prefix: string, format: "V1" | "V2", file: string) => {
    // Readers prefer V2 if a prefix has both formats.
    const known = found.get(key)?.format;
    if (known === "V2" || known === format) return;
    const stat = await storage.stat(joinPath(folder, file));
    // Without a stat, the file was removed since the folder was listed.
    if (stat === undefined) return;
    const exists = format === "V1" || parseCheckpointFilename(file).role === "index";
    found.set(key, { prefix: joinPath(folder, prefix) || "./", format, exists, modifiedMs: stat.modifiedMs });
  };
  // A removal that was interrupted leaves data files, and a mark instead of their index.
  const isHalfRemoved = async (prefix: string) => {
    const mark = removingFilename(prefix);
    if (!all.has(mark) || [indexFilename, stagedIndexFilename, lockFilename].some((of) => all.has(of(prefix))))
      return false;
    return isRecognized(joinPath(folder, mark), parseCheckpointFilename(mark), storage);
  };
  for (const name of names.sort()) {
    const file = parseCheckpointFilename(name);
    const { prefix, stage } = file;
    if (stage === "temporary" || stage === "removing" || stage === "breaking" || file.role === "lock") continue;
    if (isV2(file)) {
      if (await isHalfRemoved(prefix)) continue;
      // Staged files may be all there is of a checkpoint that has just replaced another.
      await add(prefix, prefix, "V2", all.has(indexFilename(prefix)) ? indexFilename(prefix) : name);
      continue;
    }
    const { base, count } = v1NameOf(name, file);
    const key = count === undefined ? base : shardFilespec(base, count);
    if (!stated.has(key) && !all.has(metaGraphFilename(base)) && !(await isTable(joinPath(folder, name), storage)))
      continue;
    await add(key, count === undefined ? base : shardFilespec(escapeGlob(base), count), "V1", name);
  }
  // V1 shards may be staged in a folder.
  for (const { name, kind } of entries) {
    const parts = parseCheckpointFilename(name, kind);
    if (parts?.role !== "parts") continue;
    const [first = ""] = await sliceFiles(storage, allShardsPattern(escapeGlob(joinPath(folder, parts.prefix))));
    const shard = parseCheckpointFilename(first);
    if (shard.stage !== "staged" || shard.numShards === undefined) continue;
    const { prefix } = parts;
    const pattern = shardFilespec(escapeGlob(prefix), shard.numShards);
    await add(shardFilespec(prefix, shard.numShards), pattern, "V1", `${name}/${basename(first)}`);
  }
  return found;
}

function isV2({ role, format }: CheckpointFilename): boolean {
  return format === "V2" && (role === "index" || role === "data");
}

/** Returns the prefix of a V1 file and, for a shard, the number of shards. Any other file may be a V1 file of its own name. */
function v1NameOf(name: string, { role, stage, prefix, numShards }: CheckpointFilename) {
  const isShard = role === "slices" && stage === "final" && numShards !== undefined && prefix !== "";
  return isShard ? { base: prefix, count: numShards } : { base: name, count: undefined };
}
