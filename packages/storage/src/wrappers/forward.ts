import { canonicalPath } from "../paths/canonical-path.js";
import type { PreparedFile, ReadableFile, Storage, UnfinishedFiles, WritableFile } from "../storage.js";

/** A call of a storage. */
export type CallKind =
  | "open"
  | "create"
  | "stat"
  | "list"
  | "rename"
  | "remove"
  | "createDirectory"
  | "removeDirectory"
  | "syncDirectory"
  | "canonical"
  | "get"
  | "put"
  | "listUnfinished"
  | "finish"
  | "stateOf"
  | "abandon";

/** What a wrapper does with the calls that pass through it. */
export interface Hooks {
  /**
   * Runs a call.
   *
   * @param paths - as they were passed
   * @param run - carries the call out; takes the paths of the inner storage
   */
  call?<T>(
    kind: CallKind,
    paths: readonly string[],
    run: (...paths: string[]) => Promise<T>,
    inner: Storage,
  ): Promise<T>;
  /** Wraps a file that was opened. */
  readable?(path: string, file: ReadableFile): ReadableFile;
  /** Wraps a file that was created. */
  writable?(path: string, file: WritableFile): WritableFile;
}

/** Makes a storage that passes all calls to another one, through hooks. It has the methods and capabilities of that one. */
export function forward(inner: Storage, hooks: Hooks): Storage {
  const call = <T>(kind: CallKind, paths: readonly string[], run: (...paths: string[]) => Promise<T>): Promise<T> =>
    hooks.call === undefined ? run(...paths) : hooks.call(kind, paths, run, inner);
  const { unfinished } = inner;
  const optional: { -readonly [Name in "get" | "put" | "at" | "unfinished"]?: Storage[Name] } = {};
  if (inner.get !== undefined)
    optional.get = (path, options) => call("get", [path], async (own = "") => inner.get?.(own, options));
  if (inner.put !== undefined) {
    const put = inner.put.bind(inner);
    optional.put = (path, bytes, options) => call("put", [path], (own = "") => put(own, bytes, options));
  }
  if (inner.at !== undefined) optional.at = (path) => forward(inner.at?.(path) ?? inner, hooks);
  if (unfinished !== undefined) optional.unfinished = forwardUnfinished(unfinished, call);
  return {
    capabilities: inner.capabilities,
    ...optional,
    open: async (path, options) => {
      const file = await call("open", [path], (own = "") => inner.open(own, options));
      return hooks.readable?.(path, file) ?? file;
    },
    create: async (path, options) => {
      const file = await call("create", [path], (own = "") => inner.create(own, options));
      return hooks.writable?.(path, file) ?? file;
    },
    stat: (path) => call("stat", [path], (own = "") => inner.stat(own)),
    list: (path, options) => call("list", [path], (own = "") => inner.list(own, options)),
    rename: (from, to) => call("rename", [from, to], (own = "", other = "") => inner.rename(own, other)),
    remove: (path, options) => call("remove", [path], (own = "") => inner.remove(own, options)),
    createDirectory: (path) => call("createDirectory", [path], (own = "") => inner.createDirectory(own)),
    removeDirectory: (path) => call("removeDirectory", [path], (own = "") => inner.removeDirectory(own)),
    syncDirectory: (path) => call("syncDirectory", [path], (own = "") => inner.syncDirectory(own)),
    canonical: (path) => call("canonical", [path], (own = "") => canonicalPath(inner, own)),
  };
}

function forwardUnfinished(
  unfinished: UnfinishedFiles,
  call: <T>(kind: CallKind, paths: readonly string[], run: (path?: string) => Promise<T>) => Promise<T>,
): UnfinishedFiles {
  return {
    list: (path) => call("listUnfinished", [path], (own = "") => unfinished.list(own)),
    finish: (path, file) => call("finish", [path], (own = "") => unfinished.finish(own, file)),
    stateOf: (path, file) => call("stateOf", [path], (own = "") => unfinished.stateOf(own, file)),
    abandon: (path, ticket) => call("abandon", [path], (own = "") => unfinished.abandon(own, ticket)),
  };
}

/** Returns a new file that is another one but for some methods. Methods that the other one lacks are left out. */
export function withMethods(file: WritableFile, methods: Partial<WritableFile>): WritableFile {
  return {
    path: file.path,
    write: (chunks) => file.write(chunks),
    sync: () => file.sync(),
    close: () => file.close(),
    ...(file.abandon && { abandon: async () => file.abandon?.() }),
    ...(file.prepare && { prepare: async () => (await file.prepare?.()) as PreparedFile }),
    ...methods,
  };
}
