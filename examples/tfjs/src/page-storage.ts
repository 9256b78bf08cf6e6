import { MemoryStorage, readFile, type Storage } from "@tfsaver/storage";

/** Where a page keeps its checkpoints. */
export interface PageStorage {
  readonly storage: Storage;
  /** Makes the files of a folder outlive the page. */
  keep(folder: string): Promise<void>;
  /** Removes all that was kept. */
  forget(): Promise<void>;
}

const CACHE = "tfsaver-example";

/** Opens the storage of this page: in memory, with the files that an earlier visit kept in the browser's cache. */
export async function openPageStorage(): Promise<PageStorage> {
  const storage = new MemoryStorage();
  const cache = await caches.open(CACHE);
  for (const request of await cache.keys()) {
    const [folder = "", name = ""] = new URL(request.url).pathname.split("/").slice(-2);
    if ((await storage.stat(folder)) === undefined) await storage.createDirectory(folder);
    const file = await storage.create(`${folder}/${name}`);
    const response = await cache.match(request);
    if (response !== undefined) await file.write([new Uint8Array(await response.arrayBuffer())]);
    await file.close();
  }
  return {
    storage,
    keep: async (folder) => {
      const entries = await storage.list(folder);
      const urls = new Map(entries.map(({ name }) => [new URL(`${folder}/${name}`, location.href).href, name]));
      for (const [url, name] of urls)
        await cache.put(url, new Response((await readFile(storage, `${folder}/${name}`)) as Uint8Array<ArrayBuffer>));
      for (const { url } of await cache.keys()) if (!urls.has(url)) await cache.delete(url);
    },
    forget: async () => {
      await caches.delete(CACHE);
    },
  };
}
