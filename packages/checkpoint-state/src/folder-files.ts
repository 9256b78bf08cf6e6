import { isCheckpointError } from "@tfsaver/core";
import { finalShardName, sliceFiles } from "@tfsaver/saved-tensor-slices/shards";
import { basename, escapeGlob, joinPath, type Storage } from "@tfsaver/storage";
import { debrisName } from "./debris-names.js";

/** A checkpoint of which files lie in a folder. */
export interface FolderCheckpoint {
  readonly prefix: string;
  readonly format: "V1" | "V2";
  /** When it was written last, in milliseconds since 1970. */
  readonly modifiedMs: number;
}

const V2_FILE = /^(.+)(?:\.index|\.data-\d{5,}-of-\d{5,})$/s;
const V1_SHARD = /^(.+)-\d{5,}-of-(\d{5,})$/s;

/** The last eight bytes of every table, and so of every V1 file. */
const TABLE_MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];

/**
 * The checkpoints of which files lie in a folder, by the last part of their prefix. A V2 checkpoint is known by its index,
 * or by data files that have lost theirs; a V1 file has no ending that tells, so it is one if the state names it, its meta
 * graph lies beside it, or it ends like a table.
 *
 * @param named - last parts of the prefixes that the state names
 */
export async function checkpointsIn(
  folder: string,
  named: ReadonlySet<string>,
  storage: Storage,
): Promise<Map<string, FolderCheckpoint>> {
  const entries = await storage.list(folder === "" ? "." : folder);
  const names = entries.filter(({ kind }) => kind === "file").map(({ name }) => name);
  const all = new Set(names);
  const found = new Map<string, FolderCheckpoint>();
  const add = async (key: string, prefix: string, format: "V1" | "V2", file: string) => {
    if (found.has(key)) return;
    // A file that is gone by now was removed with its checkpoint.
    const stat = await storage.stat(joinPath(folder, file));
    if (stat !== undefined) found.set(key, { prefix: joinPath(folder, prefix), format, modifiedMs: stat.modifiedMs });
  };
  for (const name of names.sort()) {
    const debris = debrisName(name, "file");
    // What is staged may be all there is of a checkpoint that has just replaced another.
    if (debris !== undefined && debris.kind !== "staged") continue;
    const v2 = debris?.of ?? V2_FILE.exec(name)?.[1];
    if (v2 !== undefined) {
      await add(v2, v2, "V2", all.has(`${v2}.index`) ? `${v2}.index` : name);
      continue;
    }
    const [, base, count] = V1_SHARD.exec(name) ?? [];
    const key = base === undefined ? name : `${base}-?????-of-${count}`;
    if (!named.has(key) && !all.has(`${base ?? name}.meta`) && !(await isTable(joinPath(folder, name), storage)))
      continue;
    await add(key, base === undefined ? name : `${escapeGlob(base)}-?????-of-${count}`, "V1", name);
  }
  // So may be shards of V1, which wait in a folder.
  for (const { name, kind } of entries) {
    const debris = debrisName(name, kind);
    if (debris?.kind !== "shards") continue;
    const all = `${escapeGlob(joinPath(folder, debris.of))}-?????-of-?????`;
    const [first = ""] = await sliceFiles(storage, all);
    if (finalShardName(first) === first) continue;
    const suffix = `-?????-of-${V1_SHARD.exec(first)?.[2]}`;
    await add(debris.of + suffix, escapeGlob(debris.of) + suffix, "V1", `${name}/${basename(first)}`);
  }
  return found;
}

/** The number of the step that a prefix ends with, if it does. */
export function stepOf(prefix: string): number | undefined {
  const digits = /-(\d+)$/.exec(basename(prefix).replace(/-\?{5}-of-\d+$/, ""))?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Whether a file ends like a table. One that can't be read, or is no file after all, such as a link to a folder, is none. */
async function isTable(path: string, storage: Storage): Promise<boolean> {
  try {
    return (await storage.stat(path))?.kind === "file" && (await endsLikeTable(path, storage));
  } catch (error) {
    if (isCheckpointError(error, ...UNREADABLE)) return false;
    throw error;
  }
}

const UNREADABLE = ["NotFoundError", "FailedPreconditionError", "PermissionDeniedError", "OutOfRangeError"] as const;

async function endsLikeTable(path: string, storage: Storage): Promise<boolean> {
  const file = await storage.open(path);
  try {
    if (file.size < TABLE_MAGIC.length) return false;
    const end = new Uint8Array(TABLE_MAGIC.length);
    await file.readInto(file.size - end.length, [end]);
    return TABLE_MAGIC.every((byte, i) => end[i] === byte);
  } finally {
    await file.close();
  }
}
