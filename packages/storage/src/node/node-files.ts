import type { FileHandle } from "node:fs/promises";
import { OutOfRangeError, throwIfAborted } from "@tfsaver/core";
import type { CallOptions, ReadableFile, WritableFile } from "../storage.js";
import { totalLength } from "../total-length.js";
import { translating } from "./system-error.js";

/** Maximum number of bytes in one system read: below the limit of 2 GiB that Linux and Node.js have. */
const MAX_READ = 1 << 30;
/** Maximum number of chunks in one system read or write (`IOV_MAX`). */
const MAX_CHUNKS = 1024;

/** An open file of a `NodeStorage`. */
export class NodeReader implements ReadableFile {
  constructor(
    readonly path: string,
    readonly size: number,
    private readonly handle: FileHandle,
  ) {}

  async readInto(offset: number, targets: readonly Uint8Array[], options?: CallOptions): Promise<void> {
    await translating(this.path, async () => {
      let at = offset;
      for (let rest = withoutEmpty(targets); rest.length > 0; ) {
        throwIfAborted(options?.signal);
        const { bytesRead } = await this.handle.readv(atMost(rest, MAX_READ), at);
        if (bytesRead === 0) {
          throw new OutOfRangeError(
            `${this.path}: Read less bytes than requested: the file is ${totalLength(rest)} bytes too short`,
            { path: this.path, offset: at },
          );
        }
        at += bytesRead;
        rest = dropBytes(rest, bytesRead);
      }
    });
  }

  close(): Promise<void> {
    return translating(this.path, () => this.handle.close());
  }
}

/** A new file of a `NodeStorage`. */
export class NodeWriter implements WritableFile {
  constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    private readonly fsync: boolean,
  ) {}

  async write(chunks: readonly Uint8Array[]): Promise<void> {
    await translating(this.path, async () => {
      for (let rest = withoutEmpty(chunks); rest.length > 0; ) {
        const { bytesWritten } = await this.handle.writev(rest.slice(0, MAX_CHUNKS));
        rest = dropBytes(rest, bytesWritten);
      }
    });
  }

  async sync(): Promise<void> {
    if (this.fsync) await translating(this.path, () => this.handle.sync());
  }

  close(): Promise<void> {
    return translating(this.path, () => this.handle.close());
  }
}

function withoutEmpty(chunks: readonly Uint8Array[]): readonly Uint8Array[] {
  return chunks.filter((chunk) => chunk.length > 0);
}

/** Returns the first chunks, as many as the system takes at once and at most `limit` bytes. */
function atMost(chunks: readonly Uint8Array[], limit: number): Uint8Array[] {
  const taken: Uint8Array[] = [];
  let room = limit;
  for (const chunk of chunks.slice(0, MAX_CHUNKS)) {
    if (room === 0) break;
    taken.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    room -= Math.min(room, chunk.length);
  }
  return taken;
}

/** Returns the chunks without their first `count` bytes. */
function dropBytes(chunks: readonly Uint8Array[], count: number): Uint8Array[] {
  let rest = count;
  let index = 0;
  while (index < chunks.length && rest >= (chunks[index] as Uint8Array).length) {
    rest -= (chunks[index++] as Uint8Array).length;
  }
  const [first, ...others] = chunks.slice(index);
  return first === undefined ? [] : [first.subarray(rest), ...others];
}
