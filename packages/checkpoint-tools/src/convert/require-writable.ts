import { allShardsPattern, indexFilename, parseCheckpointFilename } from "@tfsaver/checkpoint-names";
import { NotFoundError, ValueError } from "@tfsaver/core";
import { dirname, escapeGlob, glob, joinPath, type Storage, takesFiles } from "@tfsaver/storage";

/**
 * Makes sure that a new checkpoint can be written.
 *
 * @param force - allows to replace one that exists
 * @throws `ValueError` if it exists in either format, or is not a prefix; `NotFoundError` if its folder does not exist.
 */
export async function requireWritable(destination: string, storage: Storage, force = false): Promise<void> {
  await requirePrefix(destination, storage);
  await requireFolder(destination, storage);
  if (!force) await requireFree(destination, storage);
}

/** Roles of files that have an ending behind the prefix. */
const ROLES: readonly string[] = ["index", "data", "meta-graph"];

/**
 * Makes sure that a new prefix has a file name, and that neither a folder nor a file of a checkpoint is meant. A checkpoint beside
 * a folder of its name would be opened in the place of those in the folder.
 *
 * @throws `ValueError` otherwise.
 */
export async function requirePrefix(destination: string, storage: Storage): Promise<void> {
  const path = destination;
  if (path === "" || path.endsWith("/")) {
    throw new ValueError(`'${path}' has no file name: add one, such as ${path}model.ckpt`, { path });
  }
  const { role, prefix } = parseCheckpointFilename(path);
  if (ROLES.includes(role)) {
    throw new ValueError(`${path} is a name of a checkpoint's file: give its prefix, ${prefix}`, { path });
  }
  if ((await storage.stat(path))?.kind !== "directory") return;
  throw new ValueError(`${path} is a folder: add a file name, such as ${joinPath(path, "model.ckpt")}`, { path });
}

async function requireFolder(destination: string, storage: Storage): Promise<void> {
  const folder = dirname(destination);
  // The folder itself is made.
  const above = dirname(folder);
  if (folder === "" || above === "" || (await takesFiles(storage, folder)) || (await takesFiles(storage, above)))
    return;
  throw new NotFoundError(
    `${destination} can't be written: the folder above ${folder} does not exist. Create it first.`,
    {
      path: folder,
    },
  );
}

/** Makes sure that no file is replaced, in either format: of two formats with one prefix, readers see only V2. */
async function requireFree(destination: string, storage: Storage): Promise<void> {
  const name = escapeGlob(destination);
  for (const pattern of [name, indexFilename(name), allShardsPattern(name)]) {
    for (const path of await glob(storage, pattern)) {
      if ((await storage.stat(path))?.kind !== "file") continue;
      const message = `${path} exists already: choose another prefix than ${destination}, or remove it first`;
      throw new ValueError(message, { path: destination });
    }
  }
}
