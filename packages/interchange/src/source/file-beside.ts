import { DataLossError } from "@tfsaver/core";
import { basename, dirname, joinPath } from "@tfsaver/storage";

/** What leads elsewhere on Windows: a separator, a drive, or a stream. */
const ELSEWHERE = /[\\:]/;

/** True if a value from a file is the name of a file in the same folder, on every system. */
export function isNameBeside(name: unknown): name is string {
  return typeof name === "string" && name !== "" && name !== ".." && basename(name) === name && !ELSEWHERE.test(name);
}

/**
 * Returns the path of a file that an index names. It is beside the index, whatever the index says.
 *
 * @param index - path of the index
 * @throws `DataLossError` if the name is none, or leads elsewhere.
 */
export function fileBeside(index: string, name: unknown): string {
  if (isNameBeside(name)) return joinPath(dirname(index), name);
  throw new DataLossError(`${index} names ${JSON.stringify(name)}, which is no file beside it`, { path: index });
}
