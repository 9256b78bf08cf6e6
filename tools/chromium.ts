import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Arguments that keep Chromium off the network, and run it without a sandbox, which containers do not allow. */
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
 * Returns the path of a Chromium: `CHROMIUM_PATH`, or an installed one. Installs Debian's if there is none.
 *
 * @throws if there is none and it cannot be installed.
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
    throw new Error("Chromium is missing and cannot be installed here. Set CHROMIUM_PATH to the path of one.", {
      cause,
    });
  }
  const path = installed();
  if (!path) throw new Error("Chromium was installed, but is not in PATH");
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
