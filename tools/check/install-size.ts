import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** Fails if installing `@tfsaver/cli` alone, without its optional peers, takes 10 MB or more. */
const LIMIT = 10_000_000;

const packages = join(import.meta.dirname, "../../packages");

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Adds up the sizes of a package and of all that it needs, each once. */
function installSize(folder: string, seen: Set<string>): number {
  if (seen.has(folder)) return 0;
  seen.add(folder);
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  const needed = Object.keys(dependencies).map((name) => installSize(find(name, folder), seen));
  return needed.reduce((sum, size) => sum + size, folder.startsWith(packages) ? packedSize(folder) : sizeOf(folder));
}

function find(name: string, from: string): string {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder)) {
    const found = join(folder, "node_modules", name);
    if (existsSync(found)) return realpathSync(found);
  }
  throw new Error(`${from} needs ${name}, which is not installed`);
}

/** Returns the size of a package of ours as it is published. */
function packedSize(cwd: string): number {
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const output = execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const [{ unpackedSize }] = JSON.parse(output) as [{ readonly unpackedSize: number }];
  return unpackedSize;
}

function sizeOf(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(
    (entry) => entry.isFile() && !entry.parentPath.slice(folder.length).includes("/node_modules"),
  );
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

const size = installSize(join(packages, "cli"), new Set());
console.log(`installing @tfsaver/cli alone takes ${(size / 1e6).toFixed(1)} MB`);
if (size >= LIMIT) {
  console.error(`That is too much: ${LIMIT / 1e6} MB are allowed. Make a dependency an optional peer.`);
  process.exit(1);
}
