import { closing, type Storage } from "@tfsaver/storage";

/** A case that needs a storage and an empty directory in it. */
export type StorageCase = readonly [name: string, check: (storage: Storage, root: string) => Promise<void>];

/** A case that only reads. `files` are the files that it needs, by their paths below the root. */
export interface GivenFilesCase {
  readonly name: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly check: (storage: Storage, root: string) => Promise<void>;
}

/** Makes bytes that depend on their place and a seed, without a period that could match a block size. */
export function pattern(length: number, seed = 0): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = i * 31 + (i >> 8) * 17 + seed * 101;
  return bytes;
}

/** Writes a file in one piece. */
export async function put(storage: Storage, path: string, bytes: Uint8Array): Promise<void> {
  const file = await storage.create(path);
  await closing(file, () => file.write([bytes]));
}

/** Lists the names in a directory, sorted; directories have a trailing `/`. */
export async function names(storage: Storage, directory: string): Promise<string[]> {
  const entries = await storage.list(directory);
  return entries.map(({ name, kind }) => (kind === "directory" ? `${name}/` : name)).sort();
}
