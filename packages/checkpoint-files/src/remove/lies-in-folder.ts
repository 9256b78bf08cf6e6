import { basename, dirname, joinPath, normalizePath } from "@tfsaver/storage";
import { workingDirectory } from "@tfsaver/storage/default";

/**
 * Tells if the files of a prefix lie directly in a folder, not below it or elsewhere. Compares the paths as text, so a
 * folder under the name of a link is another folder.
 */
export function liesInFolder(folder: string, prefix: string): boolean {
  const name = basename(prefix);
  // A program on Windows would take it for a separator.
  if (name === "" || name === "." || name === ".." || name.includes("\\")) return false;
  const place = (path: string) => normalizePath(joinPath(workingDirectory(), path || "."));
  return place(dirname(prefix)) === place(folder);
}
