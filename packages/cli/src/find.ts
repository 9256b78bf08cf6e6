import { indexFilename } from "@tfsaver/checkpoint-names";
import { resolveCheckpoint } from "@tfsaver/checkpoint-tools/resolve";
import { defaultStorage } from "@tfsaver/storage/default";
import type { Context } from "./context.js";
import { finding } from "./errors.js";

/** The prefix of the checkpoint that an argument means. An error from here on is about it. */
export async function find(path: string, context: Context): Promise<string> {
  const { storage, onWarning } = context;
  context.subject = path;
  const prefix = await finding(() => resolveCheckpoint(path, { storage, onWarning }));
  context.subject = prefix;
  return prefix;
}

/** Whether an argument means a folder with all its checkpoints. */
export async function isFolder(path: string, { storage = defaultStorage() }: Context): Promise<boolean> {
  return (await storage.stat(indexFilename(path))) === undefined && (await storage.stat(path))?.kind === "directory";
}
