import { allShardsPattern, indexFilename } from "@tfsaver/checkpoint-names";
import { NotFoundError, ValueError } from "@tfsaver/core";
import { dirname, escapeGlob, glob, type Storage } from "@tfsaver/storage";

/**
 * Makes sure that a new checkpoint can be written.
 *
 * @param force - allows to replace one that exists
 * @throws `ValueError` if it exists in either format, or has no file name; `NotFoundError` if its folder does not exist.
 */
export async function requireWritable(destination: string, storage: Storage, force = false): Promise<void> {
  requireFilename(destination);
  await requireFolder(destination, storage);
  if (!force) await requireFree(destination, storage);
}

/** Makes sure that a prefix has a file name. Throws `ValueError`. */
export function requireFilename(destination: string): void {
  if (destination !== "" && !destination.endsWith("/")) return;
  throw new ValueError(`'${destination}' has no file name: add one, such as ${destination}model.ckpt`, {
    path: destination,
  });
}

async function requireFolder(destination: string, storage: Storage): Promise<void> {
  const folder = dirname(destination);
  // The folder itself is made.
  const above = dirname(folder);
  if (folder === "" || above === "" || (await storage.stat(folder)) !== undefined) return;
  if ((await storage.stat(above)) !== undefined) return;
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
