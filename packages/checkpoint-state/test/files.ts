import { MemoryStorage, readFile, type Storage } from "@tfsaver/storage";

const text = new TextEncoder();

/** A storage in memory with these files (and their directories), each one byte long unless content is given. */
export async function storageWith(files: readonly string[] | Readonly<Record<string, string>>): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  await addFiles(storage, files);
  return storage;
}

/** Adds files to a storage, making their directories. */
export async function addFiles(
  storage: Storage,
  files: readonly string[] | Readonly<Record<string, string>>,
): Promise<void> {
  const entries = Array.isArray(files) ? files.map((path) => [path, "x"] as const) : Object.entries(files);
  for (const [path, content] of entries) {
    const parts = path.split("/");
    for (let i = 1; i < parts.length; i++) {
      const directory = parts.slice(0, i).join("/");
      if (directory !== "") await storage.createDirectory(directory);
    }
    const file = await storage.create(path);
    await file.write([text.encode(content)]);
    await file.close();
  }
}

/** A file as text. */
export async function textOf(storage: Storage, path: string): Promise<string> {
  return new TextDecoder().decode(await readFile(storage, path));
}

/** Names in a directory, sorted. */
export async function namesIn(storage: Storage, directory: string): Promise<string[]> {
  return (await storage.list(directory)).map(({ name }) => name).sort();
}
