import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Returns the size in bytes of all files that were installed into a project. */
export function installedSize(folder: string): number {
  const entries = readdirSync(join(folder, "node_modules"), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + lstatSync(join(parentPath, name)).size, 0);
}
