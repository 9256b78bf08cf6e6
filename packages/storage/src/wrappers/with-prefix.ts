import { type CheckpointError, isCheckpointError, throwIfAborted, UnimplementedError } from "@tfsaver/core";
import { canonicalPath } from "../paths/canonical-path.js";
import { joinPath, normalizePath } from "../paths/path.js";
import type { Storage } from "../storage.js";
import { forward, withMethods } from "./forward.js";

/**
 * Makes a storage of one directory of another: all paths, relative or absolute, start there, and none leads out of it. Links that
 * do are followed.
 *
 * @param directory - a directory of `storage`, which must exist where directories are made
 *
 * @example
 * ```ts
 * import { NodeStorage } from "@tfsaver/storage/node";
 * import { withPrefix } from "@tfsaver/storage/wrappers";
 *
 * const storage = withPrefix(new NodeStorage(), "/data/runs");
 * const state = await storage.stat("run-1/checkpoint"); // that of /data/runs/run-1/checkpoint
 * ```
 */
export function withPrefix(storage: Storage, directory: string): Storage {
  const inside = (path: string) => joinPath(directory, insideOf(path, directory));
  const forwarded = forward(storage, {
    call: async (_, paths, run) => {
      const own = paths.map(inside);
      try {
        return await run(...own);
      } catch (error) {
        throw withPaths(error, own, paths);
      }
    },
    readable: (path, file) => ({
      path,
      size: file.size,
      readInto: (offset, targets, options) => renaming(() => file.readInto(offset, targets, options), file.path, path),
      close: () => renaming(() => file.close(), file.path, path),
    }),
    writable: (path, file) =>
      withMethods(file, {
        path,
        write: (chunks) => renaming(() => file.write(chunks), file.path, path),
        sync: () => renaming(() => file.sync(), file.path, path),
        close: () => renaming(() => file.close(), file.path, path),
      }),
  });
  const { unfinished } = forwarded;
  // Where directories are only names, no file has to be in this one.
  const isAlwaysThere = (path: string) =>
    storage.capabilities.directories === false && insideOf(path, directory) === "";
  return {
    ...forwarded,
    stat: async (path, options) => {
      throwIfAborted(options?.signal);
      return isAlwaysThere(path) ? { kind: "directory", size: 0, modifiedMs: 0 } : forwarded.stat(path, options);
    },
    list: async (path, options) => {
      try {
        return await forwarded.list(path, options);
      } catch (error) {
        if (isCheckpointError(error, "NotFoundError") && isAlwaysThere(path)) return [];
        throw error;
      }
    },
    removeDirectory: async (path, options) => {
      throwIfAborted(options?.signal);
      if (!isAlwaysThere(path)) await forwarded.removeDirectory(path, options);
    },
    ...(storage.at && { at: (path) => withPrefix(storage.at?.(inside(path)) ?? storage, directory) }),
    ...(unfinished && {
      unfinished: {
        ...unfinished,
        list: async (path, options) => {
          const found = await unfinished.list(path, options);
          return found.map((file) => ({
            ...file,
            path: joinPath(path, file.path.slice(file.path.lastIndexOf("/") + 1)),
          }));
        },
      },
    }),
    canonical: async (path) => {
      const [root, found] = await Promise.all([directory, inside(path)].map((own) => canonicalPath(storage, own)));
      if (found === root) return "/";
      const start = root?.endsWith("/") ? root : `${root}/`;
      // Behind a link that leads out of the directory, only the text of the path stands for the file.
      return `/${found?.startsWith(start) ? found.slice(start.length) : insideOf(path, directory)}`;
    },
  };
}

/** Returns the path relative to the directory; `""` for the directory itself. */
function insideOf(path: string, directory: string): string {
  const relative = normalizePath(path).replace(/^\//, "");
  if (relative === ".." || relative.startsWith("../") || /^[a-z][a-z0-9+.-]*:[\\/]/i.test(path))
    throw new UnimplementedError(`${path} leads out of ${directory}: pass a \`storage\` for it`, { path });
  if (relative === ".") return "";
  return path.endsWith("/") && relative !== "" ? `${relative}/` : relative;
}

async function renaming<T>(run: () => Promise<T>, own: string, path: string): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw withPaths(error, [own], [path]);
  }
}

/** Returns an error that names the paths of the caller. */
function withPaths(error: unknown, own: readonly string[], paths: readonly string[]): unknown {
  const index = isCheckpointError(error) && error.path !== undefined ? own.indexOf(error.path) : -1;
  if (index < 0) return error;
  const { message, offset, tensor, op } = error as CheckpointError;
  const path = paths[index] as string;
  const Kind = (error as object).constructor as new (message: string, context: object) => CheckpointError;
  return new Kind(message.replaceAll(own[index] as string, path), { path, offset, tensor, op, cause: error });
}
