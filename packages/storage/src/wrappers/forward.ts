import { canonicalPath } from "../paths/canonical-path.js";
import type { CallOptions, PreparedFile, ReadableFile, Storage, UnfinishedFiles, WritableFile } from "../storage.js";

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
  | "isAbandoned"
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
   * @param signal - that of the call
   */
  call?<T>(
    kind: CallKind,
    paths: readonly string[],
    run: (...paths: string[]) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T>;
  /** Wraps a file that was opened. */
  readable?(path: string, file: ReadableFile): ReadableFile;
  /** Wraps a file that was created. */
  writable?(path: string, file: WritableFile): WritableFile;
}

type Call = <T>(
  kind: CallKind,
  paths: readonly string[],
  run: (...paths: string[]) => Promise<T>,
  options?: CallOptions,
) => Promise<T>;

/** Makes a storage that passes all calls to another one, through hooks. It has the methods and capabilities of that one. */
export function forward(inner: Storage, hooks: Hooks): Storage {
  const call: Call = (kind, paths, run, options) =>
    hooks.call === undefined ? run(...paths) : hooks.call(kind, paths, run, options?.signal);
  const { unfinished } = inner;
  const optional: { -readonly [Name in "get" | "put" | "at" | "unfinished" | "isAbandoned"]?: Storage[Name] } = {};
  if (inner.get !== undefined)
    optional.get = (path, options) => call("get", [path], async (own = "") => inner.get?.(own, options), options);
  if (inner.put !== undefined) {
    const put = inner.put.bind(inner);
    optional.put = (path, bytes, options) => call("put", [path], (own = "") => put(own, bytes, options), options);
  }
  if (inner.isAbandoned !== undefined) {
    const isAbandoned = inner.isAbandoned.bind(inner);
    optional.isAbandoned = (path) => call("isAbandoned", [path], (own = "") => isAbandoned(own));
  }
  if (inner.at !== undefined) optional.at = (path) => forward(inner.at?.(path) ?? inner, hooks);
  if (unfinished !== undefined) optional.unfinished = forwardUnfinished(unfinished, call);
  return {
    capabilities: inner.capabilities,
    ...optional,
    open: async (path, options) => {
      const file = await call("open", [path], (own = "") => inner.open(own, options), options);
      return hooks.readable?.(path, file) ?? file;
    },
    create: async (path, options) => {
      const file = await call("create", [path], (own = "") => inner.create(own, options), options);
      return hooks.writable?.(path, file) ?? file;
    },
    stat: (path, options) => call("stat", [path], (own = "") => inner.stat(own, options), options),
    list: (path, options) => call("list", [path], (own = "") => inner.list(own, options), options),
    rename: (from, to, options) =>
      call("rename", [from, to], (own = "", other = "") => inner.rename(own, other, options), options),
    remove: (path, options) => call("remove", [path], (own = "") => inner.remove(own, options), options),
    createDirectory: (path, options) =>
      call("createDirectory", [path], (own = "") => inner.createDirectory(own, options), options),
    removeDirectory: (path, options) =>
      call("removeDirectory", [path], (own = "") => inner.removeDirectory(own, options), options),
    syncDirectory: (path, options) =>
      call("syncDirectory", [path], (own = "") => inner.syncDirectory(own, options), options),
    canonical: (path) => call("canonical", [path], (own = "") => canonicalPath(inner, own)),
  };
}

function forwardUnfinished(unfinished: UnfinishedFiles, call: Call): UnfinishedFiles {
  return {
    list: (path, options) => call("listUnfinished", [path], (own = "") => unfinished.list(own, options), options),
    finish: (path, file, options) =>
      call("finish", [path], (own = "") => unfinished.finish(own, file, options), options),
    stateOf: (path, file, options) =>
      call("stateOf", [path], (own = "") => unfinished.stateOf(own, file, options), options),
    abandon: (path, ticket, options) =>
      call("abandon", [path], (own = "") => unfinished.abandon(own, ticket, options), options),
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
