/** The part of a browser's `DataTransfer` that {@link droppedFiles} uses. */
export interface DroppedItems {
  readonly items: ArrayLike<{ webkitGetAsEntry(): Entry | null }>;
}

/** A browser's `FileSystemEntry`. */
interface Entry {
  readonly isFile: boolean;
  readonly name: string;
}

interface FileEntry extends Entry {
  file(done: (file: File) => void, failed: (error: unknown) => void): void;
}

interface DirectoryEntry extends Entry {
  createReader(): { readEntries(done: (entries: Entry[]) => void, failed: (error: unknown) => void): void };
}

/**
 * Collects the files of a drop by path, including those in dropped folders, as the source of a `BlobStorage`. Each path
 * starts with the name of the dropped file or folder.
 *
 * Call it while the `drop` event is handled, before anything is awaited: a browser empties the drop afterwards.
 *
 * @param dropped - the `dataTransfer` of the event
 * @throws the browser's `DOMException` if a file or folder cannot be read.
 *
 * @example
 * ```ts
 * import { BlobStorage, droppedFiles } from "@tfsaver/storage/blob";
 *
 * async function onDrop(event: { readonly dataTransfer: Parameters<typeof droppedFiles>[0] }) {
 *   const storage = new BlobStorage(await droppedFiles(event.dataTransfer));
 *   console.log(storage.paths);
 * }
 * ```
 */
export async function droppedFiles(dropped: DroppedItems): Promise<Map<string, File>> {
  const entries = Array.from(dropped.items, (item) => item.webkitGetAsEntry());
  const files = new Map<string, File>();
  // Dropped text has no entry.
  for (const entry of entries) if (entry !== null) await collect(entry, entry.name, files);
  return files;
}

async function collect(entry: Entry, path: string, files: Map<string, File>): Promise<void> {
  if (entry.isFile) {
    files.set(path, await new Promise<File>((done, failed) => (entry as FileEntry).file(done, failed)));
    return;
  }
  const reader = (entry as DirectoryEntry).createReader();
  const nextBatch = () => new Promise<Entry[]>((done, failed) => reader.readEntries(done, failed));
  // A folder is listed in batches (of 100 in Chromium); the last one is empty.
  for (let batch = await nextBatch(); batch.length > 0; batch = await nextBatch()) {
    for (const child of batch) await collect(child, `${path}/${child.name}`, files);
  }
}
