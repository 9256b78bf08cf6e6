import type { App } from "../../app/app.js";
import type { ShownTensor } from "./shown-tensor.js";

/** The part of the File System Access API that is used, where a browser has it. */
interface FilePicker {
  showSaveFilePicker(options: { readonly suggestedName: string }): Promise<FileSystemFileHandle>;
}

/** Options of {@link downloadNpy}. */
interface DownloadOptions {
  readonly signal: AbortSignal;
  /** Called with the number of bytes that were written. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Downloads a tensor as a NumPy file, piece by piece. Where the browser can write files, they go straight to the file that is
 * chosen; elsewhere they are kept in memory first.
 *
 * @throws `CancelledError` if much must be read and the person declines, or the signal is aborted; `DataLossError` if the tensor
 * is damaged: then no file is left.
 */
export async function downloadNpy(app: App, { id, entry }: ShownTensor, options: DownloadOptions): Promise<void> {
  const { name, size } = entry;
  const picker = (window as Partial<FilePicker>).showSaveFilePicker?.bind(window);
  const where = picker === undefined ? " into the memory of this page" : "";
  await app.askFirst.mayRead(size, `Download ${name}${where}`);
  const suggestedName = `${name.replace(/[^\w.-]+/g, "_").slice(-100)}.npy`;
  const file = picker === undefined ? undefined : await (await picker({ suggestedName })).createWritable();
  const kept: Blob[] = [];
  try {
    let bytes = 0;
    for await (const chunk of npyChunks(app, id, name, options.signal)) {
      bytes += chunk.length;
      if (file === undefined) kept.push(new Blob([chunk as BlobPart]));
      else await file.write(chunk as BufferSource as ArrayBuffer);
      options.onBytes(bytes);
    }
  } catch (error) {
    await file?.abort();
    throw error;
  }
  if (file === undefined) offer(new Blob(kept, { type: "application/octet-stream" }), suggestedName);
  else await file.close();
}

/** Yields the bytes of the file, each when the one before was written. */
async function* npyChunks(app: App, id: number, name: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const { engine } = app;
  const download = await engine.startNpy({ id, name });
  try {
    for (;;) {
      const chunk = await engine.nextNpy({ download }, { signal });
      if (chunk === undefined) return;
      yield chunk;
    }
  } finally {
    await engine.stopNpy({ download });
  }
}

function offer(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has opened the blob by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
