import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Returns the path of a cache folder. It is kept, so that a second run installs nothing. */
export function cacheFolder(name: string): string {
  return fileURLToPath(new URL(`../node_modules/.cache/${name}/`, import.meta.url));
}

/**
 * Installs packages into a folder that no package of this workspace can see.
 *
 * @param packages - arguments of `npm install`: `alias@npm:name@version`, `name@version`, or the path of a tarball
 * @param overrides - versions of packages further down, as in the field of `package.json`
 * @returns The path of the folder's `node_modules`.
 */
export function install(
  folder: string,
  packages: readonly string[],
  overrides: Readonly<Record<string, string>> = {},
): string {
  mkdirSync(folder, { recursive: true });
  const manifest = { name: "installed", private: true, type: "module", overrides };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  const options = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"];
  execFileSync("npm", ["install", "--loglevel=error", "--prefix", folder, ...options, ...packages], {
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  return join(folder, "node_modules");
}
