import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Options of Chromium: no requests of its own, and no sandbox, because containers forbid it. */
export const CHROMIUM_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/**
 * Returns the path of Chromium: `CHROMIUM_PATH`, or an installed one. If none is installed, installs the package
 * `chromium` with apt-get.
 *
 * @throws if Chromium is neither installed nor can be.
 */
export function findChromium(): string {
  const given = process.env.CHROMIUM_PATH;
  if (given) return given;
  const found = installed();
  if (found) return found;
  console.log("Chromium is not installed. Installing it with apt-get …");
  const apt = (...args: string[]) =>
    execFileSync("apt-get", ["--quiet", "--yes", ...args], {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  try {
    apt("update");
    apt("install", "--no-install-recommends", "chromium");
  } catch (cause) {
    throw new Error("Chromium could not be installed. Set CHROMIUM_PATH to the path of a Chromium.", { cause });
  }
  const path = installed();
  if (!path) throw new Error("Chromium was installed, but is not on the PATH. Set CHROMIUM_PATH to its path.");
  return path;
}

function installed(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
