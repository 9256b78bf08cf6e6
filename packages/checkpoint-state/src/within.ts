import { dirname, joinPath, normalizePath } from "@tfsaver/storage";
import { workingDirectory } from "@tfsaver/storage/default";

/**
 * Whether the files of a prefix lie in a folder itself, and not below it or elsewhere. As text, so a folder under the name
 * of a link is another one.
 */
export function liesIn(folder: string, prefix: string): boolean {
  const name = prefix.slice(prefix.lastIndexOf("/") + 1);
  // A backslash parts names on some systems.
  if (name === "" || name === "." || name === ".." || name.includes("\\")) return false;
  const place = (path: string) => normalizePath(joinPath(workingDirectory(), path || "."));
  return place(dirname(prefix)) === place(folder);
}
