import { parseCheckpointFilename } from "@tfsaver/checkpoint-names";
import { isCheckpointError } from "@tfsaver/core";
import { basename, dirname, type Storage, type UnfinishedFile } from "@tfsaver/storage";
import type { NamedFile } from "./lock/lock-text.js";

/*
 * Where a file appears only when it is closed, and outlives its process before that, a save that is interrupted leaves files that
 * are not closed. Those that its lock names belong to a checkpoint that is whole: they are closed if the checkpoint that they
 * replace is gone already, and dropped if it still stands. All others are dropped.
 */

/**
 * Closes or drops what an interrupted save of a checkpoint left. Only for a caller that holds its lock.
 *
 * @param named - the files that the lock names, in the order in which they are to appear. What is no file of the checkpoint is let be
 * @param mayDrop - tells which of the others are dropped. Default: all
 * @throws the storage's errors. Nothing is lost then, and the next call goes on.
 */
export async function settleUnfinished(
  storage: Storage,
  prefix: string,
  named: readonly NamedFile[],
  mayDrop: (file: UnfinishedFile) => boolean = () => true,
): Promise<void> {
  const { unfinished } = storage;
  if (unfinished === undefined) return;
  if ((await isShown(storage, prefix, named)) === false) await finishNamed(storage, prefix, named);
  for (const file of await findUnfinished(storage, prefix)) {
    if (mayDrop(file)) await unlessGone(unfinished.abandon(file.path, file.ticket));
  }
}

/** Tells if the file is there on which a reader depends: the last one of those that a lock names. Undefined if it names none. */
export async function isShown(
  storage: Storage,
  prefix: string,
  named: readonly NamedFile[],
): Promise<boolean | undefined> {
  const key = ownFiles(prefix, named).at(-1);
  return key && (await storage.stat(key.path)) !== undefined;
}

/** Closes the files of a checkpoint in their order. Those that are closed already are no error. */
export async function finishNamed(storage: Storage, prefix: string, named: readonly NamedFile[]): Promise<void> {
  for (const { path, ticket } of ownFiles(prefix, named)) await unlessGone(storage.unfinished?.finish(path, ticket));
}

/** Returns the paths of named files. Leaves out what is no file of the checkpoint: a lock is data. */
function ownFiles(prefix: string, named: readonly NamedFile[]) {
  const folder = prefix.slice(0, prefix.length - basename(prefix).length);
  const own = named.filter(({ name }) => !name.includes("/") && prefixNameOf(name) === basename(prefix));
  return own.map(({ name, ticket }) => ({ path: folder + name, ticket }));
}

/** Lists the files of a checkpoint that were created and not closed. */
async function findUnfinished(storage: Storage, prefix: string): Promise<UnfinishedFile[]> {
  const files = (await storage.unfinished?.list(dirname(prefix) || ".")) ?? [];
  return files.filter(({ path }) => prefixNameOf(path) === basename(prefix));
}

/** Returns the last part of the prefix that a file belongs to; undefined if it is of no checkpoint. */
export function prefixNameOf(path: string): string | undefined {
  const { role, prefix } = parseCheckpointFilename(basename(path));
  return role === "index" || role === "data" || role === "slices" ? prefix : undefined;
}

async function unlessGone(action: Promise<void> | undefined): Promise<void> {
  try {
    await action;
  } catch (error) {
    if (!isCheckpointError(error, "NotFoundError")) throw error;
  }
}
