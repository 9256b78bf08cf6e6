import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readmeBlocks } from "../../tests/examples/readme-blocks.js";
import type { Package } from "../../tests/workspace.js";
import type { Registry } from "./registry.js";
import { run } from "./run.js";
import { scratchFolder } from "./scratch.js";
import type { Tools } from "./tools.js";

export const MANAGERS = ["npm", "pnpm", "bun"] as const;
export type Manager = (typeof MANAGERS)[number];

/** An empty project, with one package installed as its README says. */
export interface Project {
  readonly folder: string;
  readonly package: Package;
}

/** Returns what a README tells to install: the arguments of `npm install`, or of `npx -p`. */
export function installLine({ folder }: Package): string[] {
  const path = join(folder, "README.md");
  const blocks = readmeBlocks(readFileSync(path, "utf8")).filter(({ language }) => language === "sh");
  for (const { code } of blocks) {
    const [, line] = /^npm install (.+)$/m.exec(code) ?? /^npx -p (\S+) /m.exec(code) ?? [];
    if (line !== undefined) return line.replace(/#.*/, "").trim().split(/\s+/);
  }
  throw new Error(`${path} has no line "npm install …"`);
}

/** Makes an empty project that installs from a registry. */
export function emptyProject({ npmrc, url }: Registry): string {
  const folder = scratchFolder("project");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "project", private: true, type: "module" }));
  writeFileSync(join(folder, ".npmrc"), npmrc);
  writeFileSync(join(folder, "bunfig.toml"), `[install]\nregistry = "${url}"\n`);
  return folder;
}

/** Installs packages into a project. */
export async function installInto(
  folder: string,
  manager: Manager,
  packages: readonly string[],
  tools: Tools,
): Promise<void> {
  if (manager === "npm") {
    await run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...packages], { cwd: folder });
  } else if (manager === "pnpm") {
    await run(process.execPath, [tools.bin("pnpm"), "add", "--loglevel=error", ...packages], { cwd: folder });
  } else {
    mkdirSync(join(folder, ".bun"), { recursive: true });
    // Its cache does not tell registries apart.
    const env = { BUN_INSTALL_CACHE_DIR: join(folder, ".bun") };
    await run(tools.bun, ["add", "--silent", ...packages], { cwd: folder, env });
  }
}
