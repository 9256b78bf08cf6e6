import { OutOfRangeError, throwIfAborted } from "@tfsaver/core";
import type { ReadableFile } from "./storage.js";
import { totalLength } from "./total-length.js";

/** Opens bytes in memory as the file of a path. They must not change while it is open. */
export function readableBytes(path: string, bytes: Uint8Array): ReadableFile {
  return {
    path,
    size: bytes.length,
    readInto: async (offset, targets, options) => {
      throwIfAborted(options?.signal);
      if (offset + totalLength(targets) > bytes.length) {
        throw new OutOfRangeError(`${path}: Read less bytes than requested`, { path, offset });
      }
      let at = offset;
      for (const target of targets) {
        target.set(bytes.subarray(at, at + target.length));
        at += target.length;
      }
    },
    close: async () => undefined,
  };
}
