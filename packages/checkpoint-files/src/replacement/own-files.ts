import { parseCheckpointFilename } from "@tfsaver/checkpoint-names";
import { basename, dirname, type PreparedFile, type Storage, type UnfinishedFile } from "@tfsaver/storage";
import { type Replacement, temporaryNamesOf } from "../lock/lock-text.js";

/** A new file of a checkpoint that no reader sees yet, with whole paths. */
export type OwnFile = { readonly path: string } & (
  | { readonly waitsAs: string; readonly prepared?: undefined }
  | { readonly prepared: PreparedFile }
);

/** A {@link Replacement} with whole paths. */
export interface OwnReplacement {
  /** The file on which readers depend. */
  readonly key: string;
  readonly keptAs: string;
  readonly files: readonly OwnFile[];
}

/** Adds the folder to the names of a replacement. Undefined if a name is not of the checkpoint: a lock is data. */
export function ownReplacement(prefix: string, replacement: Replacement | undefined): OwnReplacement | undefined {
  if (replacement === undefined) return undefined;
  const { keptAs, files } = replacement;
  const names = files.map(({ name }) => name);
  const temporary = [...temporaryNamesOf(replacement)];
  const isOwn = (name: string, stage: string) =>
    !name.includes("/") && prefixNameOf(name) === basename(prefix) && parseCheckpointFilename(name).stage === stage;
  if (!names.every((name) => isOwn(name, "final")) || !temporary.every((name) => isOwn(name, "temporary")))
    return undefined;
  const folder = prefix.slice(0, prefix.length - basename(prefix).length);
  return {
    key: folder + names.at(-1),
    keptAs: folder + keptAs,
    files: files.map((file) => ({
      path: folder + file.name,
      ...(file.prepared ? { prepared: file.prepared } : { waitsAs: folder + file.waitsAs }),
    })),
  };
}

/** Lists the files of a checkpoint that were created and not closed. */
export async function findUnfinished(storage: Storage, prefix: string): Promise<UnfinishedFile[]> {
  const files = (await storage.unfinished?.list(dirname(prefix) || ".")) ?? [];
  return files.filter(({ path }) => prefixNameOf(path) === basename(prefix));
}

/** Returns the last part of the prefix that a file belongs to; undefined if it is of no checkpoint. */
export function prefixNameOf(path: string): string | undefined {
  const { role, prefix } = parseCheckpointFilename(basename(path));
  return role === "index" || role === "data" || role === "slices" ? prefix : undefined;
}

/** True if a file exists. */
export async function isThere(storage: Storage, path: string): Promise<boolean> {
  return (await storage.stat(path))?.kind === "file";
}
