import { UnimplementedError, ValueError } from "@tfsaver/core";
import { canonicalPath } from "../paths/canonical-path.js";
import type { Storage, StorageCapabilities } from "../storage.js";

const SCHEME = /^([a-z][a-z0-9+.-]+):\/\//i;
/** The scheme of paths that have none. */
const LOCAL = "file";

/**
 * Makes one storage of several, by the schemes of paths: `s3://bucket/run` belongs to the storage `s3`, and a path without a
 * scheme to `file`. Each gets its paths as they are.
 *
 * A capability of the whole is one that all storages have; `storageAt` gives the storage of a path with its own. What `get`,
 * `put` and `unfinished` do is done by that one, so they are left out here.
 *
 * @throws `ValueError` if there is no storage, or the name of one is no scheme.
 *
 * @example
 * ```ts
 * import { MemoryStorage, storageAt } from "@tfsaver/storage";
 * import { NodeStorage } from "@tfsaver/storage/node";
 * import { mounted } from "@tfsaver/storage/wrappers";
 *
 * const storage = mounted({ file: new NodeStorage(), memory: new MemoryStorage() });
 * console.log(storageAt(storage, "memory://run").capabilities.fsync); // false
 * ```
 */
export function mounted(storages: Readonly<Record<string, Storage>>): Storage {
  const byScheme = new Map(Object.entries(storages).map(([scheme, storage]) => [scheme.toLowerCase(), storage]));
  const wrong = [...byScheme.keys()].find((scheme) => !SCHEME.test(`${scheme}://`));
  if (wrong !== undefined) throw new ValueError(`'${wrong}' is no scheme of a path, such as s3 or file`);
  if (byScheme.size === 0)
    throw new ValueError("mounted takes at least one storage, such as { file: new NodeStorage() }");
  const at = (path: string): Storage => {
    const scheme = SCHEME.exec(path)?.[1]?.toLowerCase() ?? LOCAL;
    const storage = byScheme.get(scheme);
    if (storage !== undefined) return storage.at?.(path) ?? storage;
    const known = [...byScheme.keys()].join(", ");
    throw new UnimplementedError(`${path}: no storage is mounted for '${scheme}' (mounted: ${known})`, { path });
  };
  return {
    capabilities: inCommon([...byScheme.values()]),
    at,
    open: async (path, options) => at(path).open(path, options),
    create: async (path, options) => at(path).create(path, options),
    stat: async (path, options) => at(path).stat(path, options),
    list: async (path, options) => at(path).list(path, options),
    rename: async (from, to, options) => {
      const storage = at(from);
      if (storage === at(to)) return storage.rename(from, to, options);
      throw new UnimplementedError(`${from} can't be renamed to ${to}, which is in another storage`, { path: from });
    },
    remove: async (path, options) => at(path).remove(path, options),
    createDirectory: async (path, options) => at(path).createDirectory(path, options),
    removeDirectory: async (path, options) => at(path).removeDirectory(path, options),
    syncDirectory: async (path, options) => at(path).syncDirectory(path, options),
    canonical: async (path) => canonicalPath(at(path), path),
  };
}

function inCommon(storages: readonly Storage[]): StorageCapabilities {
  const all = (capability: keyof StorageCapabilities) =>
    storages.every(({ capabilities }) => capabilities[capability] === true);
  return {
    atomicRename: all("atomicRename"),
    atomicPut: all("atomicPut"),
    fsync: all("fsync"),
    exclusiveCreate: all("exclusiveCreate"),
    rangeReads: all("rangeReads"),
    directories: storages.some(({ capabilities }) => capabilities.directories ?? true),
  };
}
