import type { Storage } from "./storage.js";

/**
 * Returns the storage that a path belongs to. What is written on several conditions, such as a checkpoint, is written to this
 * one: its capabilities are those of the path, not those that several storages have in common.
 *
 * @throws `UnimplementedError` if the path belongs to none of several storages.
 */
export function storageAt(storage: Storage, path: string): Storage {
  return storage.at?.(path) ?? storage;
}
