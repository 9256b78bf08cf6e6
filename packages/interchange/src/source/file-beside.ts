import { DataLossError } from "@tfsaver/core";
import { basename, dirname, joinPath } from "@tfsaver/storage";

/**
 * Returns the path of a file that an index names. It is beside the index, whatever the index says.
 *
 * @param index - path of the index
 * @throws `DataLossError` if the name is none, or leads elsewhere.
 */
export function fileBeside(index: string, name: unknown): string {
  if (typeof name === "string" && name !== "" && name !== ".." && basename(name) === name) {
    return joinPath(dirname(index), name);
  }
  throw new DataLossError(`${index} names ${JSON.stringify(name)}, which is no file beside it`, { path: index });
}
