import { closing, type Storage } from "@tfsaver/storage";

/** A case before it has a storage. */
export type StorageCase = readonly [name: string, check: (storage: Storage, root: string) => Promise<void>];

/** A case that only reads: the files that it finds, by their paths below the root, and what holds of them. */
export interface GivenFilesCase {
  readonly name: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly check: (storage: Storage, root: string) => Promise<void>;
}

/** Bytes that differ from place to place and from seed to seed, with no period that a block size could hide. */
export function pattern(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 17 + seed * 101) & 0xff);
}

/** Writes a file in one piece. */
export async function put(storage: Storage, path: string, bytes: Uint8Array): Promise<void> {
  const file = await storage.create(path);
  await closing(file, () => file.write([bytes]));
}

/** Names in a directory, sorted, directories with a `/` behind. */
export async function names(storage: Storage, directory: string): Promise<string[]> {
  const entries = await storage.list(directory);
  return entries.map(({ name, kind }) => (kind === "directory" ? `${name}/` : name)).sort();
}
