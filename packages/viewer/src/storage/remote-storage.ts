import { OutOfRangeError, UnimplementedError } from "@tfsaver/core";
import {
  type CallOptions,
  type DirectoryEntry,
  type FileStat,
  type ReadableFile,
  type Storage,
  totalLength,
} from "@tfsaver/storage";
import type { Calls } from "../rpc/index.js";
import type { StorageContract } from "./storage-contract.js";

/** A storage of the page, used in a worker. It only reads. */
export class RemoteStorage implements Storage {
  readonly capabilities = {
    atomicRename: false,
    atomicPut: false,
    fsync: false,
    exclusiveCreate: false,
    rangeReads: true,
  };

  constructor(
    private readonly calls: Calls<StorageContract>,
    private readonly source: number,
  ) {}

  async open(path: string, options?: CallOptions): Promise<ReadableFile> {
    const { file, size } = await this.calls.open({ source: this.source, path }, options);
    return new RemoteFile(this.calls, file, path, size);
  }

  stat(path: string, options?: CallOptions): Promise<FileStat | undefined> {
    return this.calls.stat({ source: this.source, path }, options);
  }

  list(path: string, options?: CallOptions): Promise<DirectoryEntry[]> {
    return this.calls.list({ source: this.source, path }, options);
  }

  canonical(path: string): Promise<string> {
    return this.calls.canonical({ source: this.source, path });
  }

  create = readOnly;
  rename = readOnly;
  remove = readOnly;
  createDirectory = readOnly;
  removeDirectory = readOnly;
  async syncDirectory(): Promise<void> {}
}

async function readOnly(path: string): Promise<never> {
  throw new UnimplementedError(`Can't write ${path}: the viewer only reads`, { path });
}

class RemoteFile implements ReadableFile {
  constructor(
    private readonly calls: Calls<StorageContract>,
    private readonly file: number,
    readonly path: string,
    readonly size: number,
  ) {}

  async readInto(offset: number, targets: readonly Uint8Array[], options?: CallOptions): Promise<void> {
    const { calls, file, path, size } = this;
    const length = totalLength(targets);
    if (length === 0) return;
    // Checked before the page makes memory of that size.
    if (offset + length > size) throw new OutOfRangeError(`${path}: Read less bytes than requested`, { path, offset });
    const bytes = new Uint8Array(await calls.read({ file, offset, length }, options));
    let used = 0;
    for (const target of targets) {
      target.set(bytes.subarray(used, used + target.length));
      used += target.length;
    }
  }

  async close(): Promise<void> {
    await this.calls.close({ file: this.file });
  }
}
