import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** A package as the registry has it. */
export interface PackedPackage {
  readonly name: string;
  /** Folder with its files, in a `node_modules` with all the others. */
  readonly folder: string;
  readonly manifest: {
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly peerDependencies?: Readonly<Record<string, string>>;
  };
  /** Paths of its files, relative to its folder. */
  readonly files: readonly string[];
}

/** Packs all packages like a release, unpacks them, and removes them again when the process ends. */
export function packAll(): PackedPackage[] {
  const temporary = mkdtempSync(join(tmpdir(), "tfsaver-packed-"));
  process.on("exit", () => rmSync(temporary, { recursive: true, force: true }));
  const args = ["--recursive", "--filter", "./packages/*", "pack", "--pack-destination", temporary];
  execFileSync("pnpm", args, {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  return readdirSync(temporary).map((archive) => {
    execFileSync("tar", ["-xzf", join(temporary, archive), "-C", temporary]);
    const unpacked = join(temporary, "package");
    const manifest = JSON.parse(readFileSync(join(unpacked, "package.json"), "utf8"));
    const folder = join(temporary, "node_modules", manifest.name);
    mkdirSync(dirname(folder), { recursive: true });
    renameSync(unpacked, folder);
    return { name: manifest.name, folder, manifest, files: filesBelow(folder) };
  });
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
