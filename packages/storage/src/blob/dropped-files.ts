/** What is dropped onto a page: a browser's `DataTransfer`, as far as it is needed here. */
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
 * All files of a drop by path, those in dropped folders too: what a `BlobStorage` can be made of. A path starts with the
 * name of what was dropped.
 *
 * Must be called while the `drop` event is handled, before anything is awaited: a browser empties a drop afterwards.
 *
 * @param dropped - the event's `dataTransfer`
 * @throws the browser's `DOMException` if a file or folder can't be read.
 *
 * @example
 * ```ts
 * page.ondrop = async (event) => show(new BlobStorage(await droppedFiles(event.dataTransfer)));
 * ```
 */
export async function droppedFiles(dropped: DroppedItems): Promise<Map<string, File>> {
  const entries = Array.from(dropped.items, (item) => item.webkitGetAsEntry());
  const files = new Map<string, File>();
  // Text that is dropped has no entry.
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
  // A folder is handed out in batches (of 100 in Chromium); an empty one is the end.
  for (let batch = await nextBatch(); batch.length > 0; batch = await nextBatch()) {
    for (const child of batch) await collect(child, `${path}/${child.name}`, files);
  }
}
