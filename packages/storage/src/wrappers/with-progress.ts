import type { Storage } from "../storage.js";
import { totalLength } from "../total-length.js";
import { forward, withMethods } from "./forward.js";

/** Bytes that passed through a storage. */
export interface TransferProgress {
  readonly path: string;
  readonly direction: "read" | "write";
  /** Bytes of the call that has just ended. */
  readonly bytes: number;
  /** Bytes in this direction so far, of all files. */
  readonly total: number;
}

/**
 * Reports the bytes that are read from a storage and written to it.
 *
 * @param onProgress - called after each call that has read or written bytes; must not throw
 *
 * @example
 * ```ts
 * import { MemoryStorage, writeFileAtomically } from "@tfsaver/storage";
 * import { withProgress } from "@tfsaver/storage/wrappers";
 *
 * const storage = withProgress(new MemoryStorage(), ({ path, direction, bytes }) => console.log(path, direction, bytes));
 * await writeFileAtomically(storage, "notes", new TextEncoder().encode("hello"));
 * ```
 */
export function withProgress(storage: Storage, onProgress: (progress: TransferProgress) => void): Storage {
  const totals = { read: 0, write: 0 };
  const report = (path: string, direction: "read" | "write", bytes: number) => {
    totals[direction] += bytes;
    onProgress({ path, direction, bytes, total: totals[direction] });
  };
  const forwarded = forward(storage, {
    readable: (path, file) => ({
      path: file.path,
      size: file.size,
      readInto: async (offset, targets, options) => {
        await file.readInto(offset, targets, options);
        report(path, "read", totalLength(targets));
      },
      close: () => file.close(),
    }),
    writable: (path, file) =>
      withMethods(file, {
        write: async (chunks) => {
          await file.write(chunks);
          report(path, "write", totalLength(chunks));
        },
      }),
  });
  const { get, put } = forwarded;
  return {
    ...forwarded,
    ...(get && {
      get: async (path, options) => {
        const file = await get(path, options);
        if (file !== undefined) report(path, "read", file.bytes.length);
        return file;
      },
    }),
    ...(put && {
      put: async (path, bytes, options) => {
        const version = await put(path, bytes, options);
        report(path, "write", bytes.length);
        return version;
      },
    }),
  };
}
