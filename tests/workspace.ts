import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

export interface Package {
  /** Name of the folder, which is also the name in ARCHITECTURE.md. */
  readonly room: string;
  readonly folder: string;
  readonly manifest: {
    readonly name: string;
    readonly exports: Readonly<Record<string, unknown>>;
    readonly dependencies: Readonly<Record<string, string>>;
    /** What the package is built and tested with. */
    readonly devDependencies: Readonly<Record<string, string>>;
    /** The dependencies that users of the package must install. */
    readonly peerDependencies: Readonly<Record<string, string>>;
  };
}

/** The published packages. `dependencies` includes the peer dependencies. */
export const packages: readonly Package[] = readdirSync(join(root, "packages")).map((room) => {
  const folder = join(root, "packages", room);
  const {
    dependencies,
    devDependencies = {},
    peerDependencies = {},
    ...rest
  } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const manifest = {
    ...rest,
    devDependencies,
    peerDependencies,
    dependencies: { ...dependencies, ...peerDependencies },
  };
  return { room, folder, manifest };
});

/** Returns the paths of the files below a folder, relative to it, sorted. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
