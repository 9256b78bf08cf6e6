import { MemoryStorage, writeFileAtomically } from "@tfsaver/storage";

/** The end of every table. */
const MAGIC = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];

const encoder = new TextEncoder();

/** Returns bytes that a save writes into a file of this name. */
export function contentOf(name: string): Uint8Array {
  if (/\.index(\.tempstate[01])?$/.test(name)) return Uint8Array.from([...Array(40).fill(0), ...MAGIC]);
  if (/\.data-|\.temp-/.test(name)) return encoder.encode("x");
  if (/\.meta/.test(name)) return Uint8Array.of(0x0a, 0x12);
  if (/records\.json/.test(name)) return encoder.encode('{"checkpoints":[');
  if (/checkpoint/.test(name)) return encoder.encode("model_check");
  if (/\.tempstate/.test(name)) return Uint8Array.of(0, 0, 7);
  return encoder.encode("x");
}

/**
 * Makes a folder `/d` with files that were last changed some seconds ago.
 *
 * @param lock - text of all locks
 */
export async function folderWith(names: readonly string[], secondsAgo: number, lock = ""): Promise<MemoryStorage> {
  const storage = new MemoryStorage({ now: () => Date.now() - secondsAgo * 1000 });
  await storage.createDirectory("/d");
  for (const name of names) {
    if (name.includes("/")) await storage.createDirectory(`/d/${name.slice(0, name.indexOf("/"))}`);
    const content = name.endsWith(".saving") ? encoder.encode(lock) : contentOf(name);
    if (!name.endsWith("/")) await writeFileAtomically(storage, `/d/${name}`, content);
  }
  return storage;
}
