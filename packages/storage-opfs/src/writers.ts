import { UnimplementedError } from "@tfsaver/core";
import type { WritableFile } from "@tfsaver/storage";
import { writesInPlace } from "./platform.js";
import { isNamed, noSpace, translating } from "./platform-errors.js";

/** Maximum number of bytes that are passed to the browser at once. */
const MAX_WRITE = 16 << 20;

/**
 * Empties a file, and opens it for writing.
 *
 * @throws `UnimplementedError` in a page of a browser that writes only in workers.
 */
export async function openWriter(path: string, handle: FileSystemFileHandle): Promise<WritableFile> {
  if (writesInPlace()) {
    const access = await translating(path, () => handle.createSyncAccessHandle());
    access.truncate(0);
    return new AccessWriter(path, access);
  }
  if (!("createWritable" in handle)) {
    throw new UnimplementedError(`${path}: this browser writes private files only in dedicated workers. Save in one.`, {
      path,
    });
  }
  return translating(path, async () => {
    // A stream shows nothing until it is closed, not even that the old content is gone.
    if ((await handle.getFile()).size > 0) await (await handle.createWritable()).close();
    return new StreamWriter(path, await handle.createWritable());
  });
}

/** A new file in a dedicated worker. */
class AccessWriter implements WritableFile {
  #at = 0;

  constructor(
    readonly path: string,
    private readonly access: FileSystemSyncAccessHandle,
  ) {}

  async write(chunks: readonly Uint8Array[]): Promise<void> {
    for (const piece of pieces(chunks)) {
      for (let done = 0; done < piece.length; ) {
        const written = await this.#call(() => this.access.write(piece.subarray(done), { at: this.#at }));
        if (written === 0) throw await noSpace(this.path);
        done += written;
        this.#at += written;
      }
    }
  }

  sync(): Promise<void> {
    return this.#call(() => this.access.flush());
  }

  close(): Promise<void> {
    return this.#call(() => this.access.close());
  }

  #call<T>(action: () => T): Promise<T> {
    return translating(this.path, async () => action());
  }
}

/** A new file in a page. */
class StreamWriter implements WritableFile {
  #hasFailed = false;

  constructor(
    readonly path: string,
    private readonly stream: FileSystemWritableFileStream,
  ) {}

  async write(chunks: readonly Uint8Array[]): Promise<void> {
    for (const parts of batches(chunks)) {
      await this.#call(() => this.stream.write(new Blob(parts)));
    }
  }

  async sync(): Promise<void> {}

  async close(): Promise<void> {
    // The browser has closed a stream that failed, and dropped what was written.
    if (!this.#hasFailed) await this.#call(() => this.stream.close());
  }

  async #call(action: () => Promise<void>): Promise<void> {
    try {
      await translating(this.path, action);
    } catch (error) {
      this.#hasFailed = true;
      // Without space, Chromium may also say that it can't read the blob, which is in memory.
      const { cause } = error as Error;
      throw isNamed(cause, "NotReadableError") ? await noSpace(this.path, cause) : error;
    }
  }
}

/** Cuts chunks to pieces that can be written at once. */
function* pieces(chunks: readonly Uint8Array[]): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += MAX_WRITE) {
      yield chunk.subarray(at, at + MAX_WRITE) as Uint8Array<ArrayBuffer>;
    }
  }
}

/** Joins pieces to groups that can be written at once. */
function* batches(chunks: readonly Uint8Array[]): Generator<Uint8Array<ArrayBuffer>[], void, undefined> {
  let batch: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (const piece of pieces(chunks)) {
    if (size + piece.length > MAX_WRITE) {
      yield batch;
      batch = [];
      size = 0;
    }
    batch.push(piece);
    size += piece.length;
  }
  if (batch.length > 0) yield batch;
}
