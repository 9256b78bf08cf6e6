import { indexFilename, STATE_FILENAME } from "@tfsaver/checkpoint-names";
import { getCheckpointState, resolveCheckpoint } from "@tfsaver/checkpoint-state";
import { isCheckpointError, NotFoundError } from "@tfsaver/core";
import { basename, dirname, joinPath } from "@tfsaver/storage";
import type { Context } from "./context.js";
import { finding, NotThereError, UsageError } from "./errors.js";
import { isUrl, requireLocal, requirePlain } from "./url-storage.js";

/** Resolves an argument to the prefix of a checkpoint. Later errors are explained for it. */
export async function find(argument: string, context: Context): Promise<string> {
  requirePlain(argument);
  const { storage, onWarning } = context;
  context.subject = argument;
  const folder = servedFolder(argument);
  const prefix = await finding(async () => {
    const path = folder === undefined ? argument : await latestOf(folder, context);
    try {
      return await resolveCheckpoint(path, { storage, onWarning });
    } catch (error) {
      if (!isUrl(argument) || path !== argument || !isCheckpointError(error, "NotFoundError")) throw error;
      // A folder as it is typed on this machine, without a slash at the end.
      const latest = await latestOf(argument, context).catch(() => undefined);
      if (latest === undefined) throw error;
      return resolveCheckpoint(latest, { storage, onWarning });
    }
  });
  context.subject = prefix;
  return prefix;
}

/** Returns the folder that the URL of a folder or state file means; undefined for other arguments. */
function servedFolder(argument: string): string | undefined {
  if (!isUrl(argument)) return undefined;
  return argument.endsWith("/") || basename(argument) === STATE_FILENAME ? dirname(argument) : undefined;
}

/** Returns the latest checkpoint of a folder of a web server, which can't be listed. It lies there, whatever its path was. */
async function latestOf(folder: string, { storage, onWarning }: Context): Promise<string> {
  const state = await getCheckpointState(folder, { storage, onWarning });
  if (state === undefined) {
    const path = joinPath(folder, STATE_FILENAME);
    throw new NotFoundError(`No checkpoint at ${folder}/: there is no ${path}. Give the URL of a checkpoint`, { path });
  }
  return joinPath(folder, basename(state.modelCheckpointPath));
}

/**
 * Makes sure that an argument of a command that works on a folder is one of this machine.
 *
 * @throws UsageError for a URL, a file or a checkpoint; NotThereError if there is nothing.
 */
export async function requireFolder(path: string, { storage }: Context): Promise<void> {
  requireLocal(path);
  const kind = (await storage.stat(path))?.kind;
  if (kind === "directory") return;
  const advice = `pass the folder of the checkpoints, ${dirname(path) || "."}`;
  if (kind !== undefined) throw new UsageError(`${path} is a file: ${advice}`);
  if ((await storage.stat(indexFilename(path))) !== undefined)
    throw new UsageError(`${path} is a checkpoint: ${advice}`);
  throw new NotThereError(`${path}; No such file or directory`);
}

/** True if an argument refers to a folder with all its checkpoints. */
export async function isFolder(path: string, { storage }: Context): Promise<boolean> {
  return (await storage.stat(indexFilename(path))) === undefined && (await storage.stat(path))?.kind === "directory";
}
