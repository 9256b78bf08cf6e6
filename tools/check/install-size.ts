import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { type PackedPackage, packAll } from "./packed.js";

/**
 * Largest sizes of installs in bytes: the files of a package and of all that it needs, each once, without optional peers.
 * Prints the size of every package's install, and fails if one is too large.
 */
const LIMITS: Readonly<Record<string, number>> = {
  "@tfsaver/checkpoint-reader": 1_500_000,
  "@tfsaver/cli": 10_000_000,
};

const packages = join(import.meta.dirname, "../../packages");
const ours = new Map(packAll().map((packed) => [packed.name, packed]));

/** Sizes of the packages that a package needs, itself included, by their names and folders. */
function installed(packed: PackedPackage, sizes = new Map<string, number>()): Map<string, number> {
  if (sizes.has(packed.name)) return sizes;
  sizes.set(packed.name, sizeOf(packed.folder));
  const room = join(packages, packed.name.replace(/^@tfsaver\//, ""));
  for (const name of Object.keys(packed.manifest.dependencies ?? {})) {
    const dependency = ours.get(name);
    if (dependency) installed(dependency, sizes);
    else addForeign(find(name, room), sizes);
  }
  return sizes;
}

/** Adds a package of the registry, and what it needs. */
function addForeign(folder: string, sizes: Map<string, number>): void {
  if (sizes.has(folder)) return;
  sizes.set(folder, sizeOf(folder));
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  for (const name of Object.keys(dependencies)) addForeign(find(name, folder), sizes);
}

function find(name: string, from: string): string {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder)) {
    const found = join(folder, "node_modules", name);
    if (existsSync(found)) return realpathSync(found);
  }
  throw new Error(`${from} needs ${name}, which is not installed`);
}

function sizeOf(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(
    (entry) => entry.isFile() && !entry.parentPath.slice(folder.length).includes("/node_modules"),
  );
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

let isTooLarge = false;
console.log("package                        install     of it\n                                    kB  packages");
for (const packed of ours.values()) {
  const sizes = installed(packed);
  const size = [...sizes.values()].reduce((sum, one) => sum + one, 0);
  const limit = LIMITS[packed.name];
  const note = limit === undefined ? "" : `  (limit: ${limit / 1000} kB)`;
  console.log(
    `${packed.name.padEnd(30)} ${(size / 1000).toFixed(0).padStart(7)} ${`${sizes.size}`.padStart(9)}${note}`,
  );
  if (limit !== undefined && size >= limit) {
    isTooLarge = true;
    console.error(`${packed.name} is too large to install. Make a dependency an optional peer, or split a package.`);
  }
}
if (isTooLarge) process.exit(1);
