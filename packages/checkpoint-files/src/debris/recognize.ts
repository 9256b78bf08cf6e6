import { type CheckpointFilename, isPartFilename, parseCheckpointFilename } from "@tfsaver/checkpoint-names";
import { isCheckpointError } from "@tfsaver/core";
import { joinPath, type Storage } from "@tfsaver/storage";
import { isTable, UNREADABLE } from "../find/is-table.js";
import { isLockText, MAX_LOCK_BYTES } from "../lock/lock-text.js";
import { isRemovalMark, REMOVAL_MARK_BYTES } from "../remove/removal-mark.js";

/*
 * A temporary name alone proves nothing: another program may have files called `thesis.saving` or `x.tempstate7`. So a file is
 * debris only if its name has a number that was drawn at random, and if it holds what a save writes, or the beginning of it.
 */

/** Digits from which a number is taken for a random one: one in ten thousand million 64-bit numbers has fewer. */
const MIN_RANDOM_DIGITS = 10;

/** Number of bytes to compare: the longest of the beginnings below has fewer. */
const HEAD_BYTES = 32;

/** The beginnings of tables: the first key is empty. */
const TABLE_START = [Uint8Array.of(0, 0)];

/** The beginnings of state files, records and meta graphs, as bytes and as text. */
const SMALL_STARTS = [
  Uint8Array.of(0x0a),
  ...["model_checkpoint_path", '{"checkpoints"', "meta_info_def", "graph_def"].map((text) =>
    new TextEncoder().encode(text),
  ),
];

/** Tells if a file or folder with a temporary name holds what a save or removal leaves. */
export async function isRecognized(path: string, file: CheckpointFilename, storage: Storage): Promise<boolean> {
  try {
    return await holdsItsRole(path, file, storage);
  } catch (error) {
    // Gone, or not readable: nothing proves that it is ours.
    if (isCheckpointError(error, ...UNREADABLE)) return false;
    throw error;
  }
}

async function holdsItsRole(path: string, file: CheckpointFilename, storage: Storage): Promise<boolean> {
  const { role, stage } = file;
  if (role === "parts") return holdsParts(path, storage);
  if (role === "lock") return holdsLock(path, storage);
  if (stage === "removing" && isRemovalMark(await readHead(path, REMOVAL_MARK_BYTES, storage))) return true;
  if (stage === "staged" || stage === "removing") return isTable(path, storage);
  if (role === "index" || role === "slices") return hasRandomNumber(path) && startsLike(path, TABLE_START, storage);
  if (role === "data") return hasRandomNumber(path);
  return startsLike(path, SMALL_STARTS, storage);
}

function hasRandomNumber(path: string): boolean {
  return new RegExp(`\\d{${MIN_RANDOM_DIGITS},}$`).test(path);
}

/**
 * Tells if a file is empty, or if it and one of the starts agree as far as both go. Zeros stand for bytes that a loss of power
 * took.
 */
async function startsLike(path: string, starts: readonly Uint8Array[], storage: Storage): Promise<boolean> {
  const head = await readHead(path, HEAD_BYTES, storage);
  if (head[0] === 0) return true;
  return starts.some((start) => start.subarray(0, head.length).every((byte, i) => head[i] === byte));
}

async function holdsLock(path: string, storage: Storage): Promise<boolean> {
  return isLockText(new TextDecoder().decode(await readHead(path, MAX_LOCK_BYTES, storage)));
}

/** Tells if a folder holds parts of a checkpoint and nothing else, at least one of them for certain. */
async function holdsParts(path: string, storage: Storage): Promise<boolean> {
  const entries = await storage.list(path);
  if (!entries.every(({ name, kind }) => kind === "file" && isPartFilename(name))) return false;
  for (const { name } of entries) {
    const file = parseCheckpointFilename(name);
    const part = joinPath(path, name);
    if (file.stage !== "final") {
      if (await isRecognized(part, file, storage)) return true;
    } else if (file.role === "data" || (await isTable(part, storage))) return true;
  }
  return entries.length === 0;
}

async function readHead(path: string, bytes: number, storage: Storage): Promise<Uint8Array> {
  const file = await storage.open(path);
  try {
    const head = new Uint8Array(Math.min(bytes, file.size));
    await file.readInto(0, [head]);
    return head;
  } finally {
    await file.close();
  }
}
