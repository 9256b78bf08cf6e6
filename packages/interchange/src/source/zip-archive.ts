import {
  DataLossError,
  FailedPreconditionError,
  isCheckpointError,
  throwIfAborted,
  UnimplementedError,
} from "@tfsaver/core";
import type { CallOptions, ReadableFile } from "@tfsaver/storage";
import type { Entry, FileEntry, ZipReader } from "@zip.js/zip.js";
import type { FileRange } from "./file-source.js";
import type { ByteReader } from "./pieces.js";

type ZipLibrary = typeof import("@zip.js/zip.js");

/** Most bytes that are read at once: those of the directory of an archive. */
const MAX_READ_BYTES = 64 << 20;
const MAX_ENTRIES = 100_000;
/** An archive that expands to more than a gigabyte may expand to 100 times its size. */
const FREE_BYTES = 1 << 30;
const MAX_EXPANSION = 100;
/** Start of an entry: the number of bytes before its name, the signature, and the offsets of the lengths of name and extra field. */
const LOCAL_HEADER = { bytes: 30, signature: 0x04034b50, nameLength: 26, extraLength: 28 } as const;

/** Loads the library for zip files, which is an optional peer dependency. */
export async function loadZip(): Promise<ZipLibrary> {
  try {
    return await import("@zip.js/zip.js");
  } catch (cause) {
    const message = "Zip files need the package @zip.js/zip.js, which is not installed: run npm install @zip.js/zip.js";
    throw new FailedPreconditionError(message, { cause });
  }
}

/** Options of each call of the library. Its workers would need more memory, and files of their own. */
export const ZIP_OPTIONS = { useWebWorkers: false, bufferedWrite: false } as const;

/** A zip file that may come from anywhere. */
export class ZipArchive {
  private constructor(
    readonly file: ReadableFile,
    private readonly reader: ZipReader<unknown>,
    readonly entries: readonly FileEntry[],
  ) {}

  /**
   * Reads the directory of a zip file.
   *
   * @throws `DataLossError` if it is damaged or not a zip file, if entries overlap, or if it expands out of proportion;
   * `UnimplementedError` for encrypted entries; `FailedPreconditionError` if the library is not installed.
   */
  static async open(file: ReadableFile): Promise<ZipArchive> {
    const zip = await loadZip();
    const { path, size } = file;
    class FileReader extends zip.Reader<unknown> {
      override size = size;
      override async readUint8Array(offset: number, length: number): Promise<Uint8Array> {
        const end = Math.min(size, offset + length);
        if (!(offset >= 0 && offset <= end) || end - offset > MAX_READ_BYTES) throw damaged(path, "its directory lies");
        const bytes = new Uint8Array(end - offset);
        await file.readInto(offset, [bytes]);
        return bytes;
      }
    }
    const reader = new zip.ZipReader(new FileReader(undefined), ZIP_OPTIONS);
    const entries: Entry[] = [];
    try {
      for await (const entry of reader.getEntriesGenerator()) {
        if (entries.length >= MAX_ENTRIES) throw damaged(path, `it has more than ${MAX_ENTRIES} entries`);
        entries.push(entry);
      }
    } catch (error) {
      throw isCheckpointError(error) ? error : damaged(path, messageOf(error), error);
    }
    requireApart(entries, file);
    return new ZipArchive(file, reader, entries.filter((entry) => !entry.directory) as FileEntry[]);
  }

  /** Reads an entry from its start, unpacked. Its checksum is verified at the end. */
  read(entry: FileEntry): ByteReader {
    const { path } = this.file;
    const { filename, uncompressedSize } = entry;
    const where = `${path}: ${filename}`;
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const reader = readable.getReader();
    let failure: unknown;
    const done = entry.getData(writable, { ...ZIP_OPTIONS, checkSignature: true }).catch((error: unknown) => {
      failure = isCheckpointError(error) ? error : damaged(where, messageOf(error), error, path);
    });
    let rest: Uint8Array = new Uint8Array();
    let total = 0;
    const next = async () => {
      const { value } = await reader.read().catch(async () => {
        await done;
        return { value: undefined };
      });
      if (value === undefined && failure !== undefined) throw failure;
      total += value?.length ?? 0;
      if (total > uncompressedSize) throw damaged(where, "it is longer than its directory says", undefined, path);
      return value;
    };
    return {
      async fill(target, { signal }: CallOptions) {
        for (let at = 0; at < target.length; ) {
          if (rest.length === 0) {
            throwIfAborted(signal);
            rest = (await next()) ?? raise(damaged(where, "it is shorter than its directory says", undefined, path));
          }
          const part = rest.subarray(0, target.length - at);
          target.set(part, at);
          at += part.length;
          rest = rest.subarray(part.length);
        }
      },
      async end() {
        if (rest.length > 0) throw damaged(where, "it is longer than its content", undefined, path);
        while (true) {
          const more = await next();
          if (more === undefined) break;
          if (more.length > 0) throw damaged(where, "it is longer than its content", undefined, path);
        }
        await done;
        if (failure !== undefined) throw failure;
      },
      async close() {
        await reader.cancel().catch(() => undefined);
        await done;
      },
    };
  }

  /** True if the bytes of an entry are those of its content, so that parts of them can be read. */
  static isStored({ compressionMethod, compressedSize, uncompressedSize }: FileEntry): boolean {
    return compressionMethod === 0 && compressedSize === uncompressedSize;
  }

  /**
   * Finds the bytes of an entry in the file.
   *
   * @throws `DataLossError` if they are not where the directory says.
   */
  async locate({ offset, filename, compressedSize }: FileEntry, options: CallOptions): Promise<FileRange> {
    const { path, size } = this.file;
    const header = new Uint8Array(LOCAL_HEADER.bytes);
    await this.file.readInto(offset, [header], options);
    const view = new DataView(header.buffer);
    const start =
      offset +
      LOCAL_HEADER.bytes +
      view.getUint16(LOCAL_HEADER.nameLength, true) +
      view.getUint16(LOCAL_HEADER.extraLength, true);
    if (view.getUint32(0, true) !== LOCAL_HEADER.signature || start + compressedSize > size) {
      throw damaged(`${path}: ${filename}`, "it does not begin where its directory says", undefined, path);
    }
    return { path, offset: start, length: compressedSize };
  }

  async close(): Promise<void> {
    await this.reader.close().catch(() => undefined);
    await this.file.close();
  }
}

/** Makes sure that no bytes are unpacked twice, which would make a small file a large one, and that none expand too much. */
function requireApart(entries: readonly Entry[], { path, size }: ReadableFile): void {
  let end = 0;
  let total = 0;
  for (const entry of [...entries].sort((a, b) => a.offset - b.offset)) {
    if (entry.offset < end) throw damaged(path, `its entry ${entry.filename} overlaps another one`);
    if (entry.encrypted) throw new UnimplementedError(`${path}: ${entry.filename} is encrypted`, { path });
    end = entry.offset + LOCAL_HEADER.bytes + entry.rawFilename.length + entry.compressedSize;
    total += entry.uncompressedSize;
  }
  if (end > size) throw damaged(path, "its entries are longer than the file");
  if (total <= FREE_BYTES || total <= MAX_EXPANSION * size) return;
  throw damaged(
    path,
    `it has ${size} bytes, and would expand to ${total}; at most ${MAX_EXPANSION} times are possible`,
  );
}

function damaged(what: string, why: string, cause?: unknown, path = what): DataLossError {
  return new DataLossError(`${what} is damaged, or no zip file: ${why}`, { path, cause });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function raise(error: Error): never {
  throw error;
}
