import { bytesEqual, isCheckpointError } from "@tfsaver/core";
import { type RetryOptions, retrying } from "../remote/retrying.js";
import type { Storage } from "../storage.js";
import { type CallKind, forward, type Hooks } from "./forward.js";

/** Calls that are not repeated: after a lost answer, nothing tells whether they were carried out. */
const ONCE: ReadonlySet<CallKind> = new Set(["create", "rename", "finish"]);
/** Calls that have done their work if what they remove is missing after a lost answer. */
const REMOVALS: ReadonlySet<CallKind> = new Set(["remove", "removeDirectory", "abandon"]);

/**
 * Repeats the calls of a storage that fail with an `UnavailableError`, with longer and longer pauses. Reads are repeated too;
 * the writes to an open file, `create`, `rename`, and the `finish` of an unfinished file are not, because an attempt that failed
 * may have been carried out.
 *
 * A conditional `put` that finds its condition broken after such a failure succeeds if the file has its bytes.
 *
 * @example
 * ```ts
 * import { HttpStorage } from "@tfsaver/storage/http";
 * import { withRetry } from "@tfsaver/storage/wrappers";
 *
 * const storage = withRetry(new HttpStorage("https://models.example/"), { maxAttempts: 5 });
 * ```
 */
export function withRetry(storage: Storage, options: RetryOptions = {}): Storage {
  const hooks: Hooks = {
    call: (kind, paths, run, signal) =>
      ONCE.has(kind) ? run(...paths) : repeat(kind, () => run(...paths), options, signal),
    readable: (_, file) => ({
      path: file.path,
      size: file.size,
      readInto: (offset, targets, readOptions) =>
        retrying(() => file.readInto(offset, targets, readOptions), isTransient, options, readOptions?.signal),
      close: () => file.close(),
    }),
  };
  const forwarded = forward(storage, hooks);
  const { get, put } = storage;
  if (get === undefined || put === undefined) return forwarded;
  return {
    ...forwarded,
    put: async (path, bytes, putOptions) => {
      let mayBeDone = false;
      const attempt = async () => {
        try {
          return await put.call(storage, path, bytes, putOptions);
        } catch (error) {
          mayBeDone ||= isTransient(error);
          if (!mayBeDone || !isCheckpointError(error, "AlreadyExistsError", "AbortedError")) throw error;
          const found = await get.call(storage, path, { signal: putOptions?.signal });
          if (found === undefined || !bytesEqual(found.bytes, bytes)) throw error;
          return found.version;
        }
      };
      return retrying(attempt, isTransient, options, putOptions?.signal);
    },
  };
}

async function repeat<T>(
  kind: CallKind,
  run: () => Promise<T>,
  options: RetryOptions,
  signal: AbortSignal | undefined,
): Promise<T> {
  let mayBeDone = false;
  const attempt = async () => {
    try {
      return await run();
    } catch (error) {
      if (mayBeDone && REMOVALS.has(kind) && isCheckpointError(error, "NotFoundError")) return undefined as T;
      mayBeDone ||= isTransient(error);
      throw error;
    }
  };
  return retrying(attempt, isTransient, options, signal);
}

function isTransient(error: unknown): boolean {
  return isCheckpointError(error, "UnavailableError");
}
