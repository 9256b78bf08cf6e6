import { indexFilename } from "@tfsaver/checkpoint-names";
import { resolveCheckpoint } from "@tfsaver/checkpoint-state";
import { defaultStorage } from "@tfsaver/storage/default";
import type { Context } from "./context.js";
import { finding } from "./errors.js";

/** Resolves an argument to the prefix of a checkpoint. Later errors are explained for it. */
export async function find(path: string, context: Context): Promise<string> {
  const { storage, onWarning } = context;
  context.subject = path;
  const prefix = await finding(() => resolveCheckpoint(path, { storage, onWarning }));
  context.subject = prefix;
  return prefix;
}

/** True if an argument refers to a folder with all its checkpoints. */
export async function isFolder(path: string, { storage = defaultStorage() }: Context): Promise<boolean> {
  return (await storage.stat(indexFilename(path))) === undefined && (await storage.stat(path))?.kind === "directory";
}
