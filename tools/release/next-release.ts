import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packages } from "../../tests/workspace.js";
import { emptyProject, installInto, type Manager } from "./project.js";
import type { Registry } from "./registry.js";
import { run } from "./run.js";
import type { Tools } from "./tools.js";
import { type Release, release } from "./workspace-copy.js";

/** A package far down, that others stand on. */
const CHANGED = "@tfsaver/sstable";
/** One above it, that a project has installed. */
const INSTALLED = "@tfsaver/checkpoint-reader";

/** A project that installed a package before the next release. */
export interface OldProject {
  readonly manager: Manager;
  readonly folder: string;
}

export async function installOld(registry: Registry, manager: Manager, tools: Tools): Promise<OldProject> {
  const folder = emptyProject(registry);
  await installInto(folder, manager, [INSTALLED], tools);
  return { manager, folder };
}

/**
 * Changes one low package, and releases it.
 *
 * @param kind - `patch`, which all that stand on it accept, or `minor`, which those that use it must be released for
 * @throws if anything else is published than must be.
 */
export function releaseChange(copy: string, registry: Registry, kind: "patch" | "minor"): Promise<Release[]> {
  const [room] = packages.filter(({ manifest }) => manifest.name === CHANGED).map((found) => found.room);
  appendFileSync(
    join(copy, `packages/${room}/src/index.ts`),
    `\n/** Marks a change. */\nexport const ${kind}Marker = true;\n`,
  );
  writeFileSync(
    join(copy, ".changeset", `rehearsed-${kind}.md`),
    `---\n"${CHANGED}": ${kind}\n---\n\nMarks a change.\n`,
  );
  return release(copy, registry);
}

/** Returns the names of the packages that a change must publish, sorted. */
export function mustFollow(kind: "patch" | "minor"): string[] {
  const following = packages.filter(({ manifest: { name, dependencies, devDependencies } }) => {
    const contains = CHANGED in devDependencies && !(CHANGED in dependencies);
    return name === CHANGED || contains || (kind === "minor" && CHANGED in dependencies);
  });
  return following.map(({ manifest }) => manifest.name).sort();
}

/** Updates an old project. Throws if the changed package in it lacks the patch, or another one was changed as well. */
export async function updateOld({ manager, folder }: OldProject, tools: Tools): Promise<void> {
  if (manager === "npm") await run("npm", ["update", "--no-audit", "--no-fund"], { cwd: folder });
  else if (manager === "pnpm")
    await run(process.execPath, [tools.bin("pnpm"), "update", "--depth", "99"], { cwd: folder });
  else
    await run(tools.bun, ["update", "--silent"], { cwd: folder, env: { BUN_INSTALL_CACHE_DIR: join(folder, ".bun") } });
  const program = `
    import { createRequire } from "node:module";
    const above = createRequire(import.meta.resolve("${INSTALLED}"));
    const { patchMarker } = await import(above.resolve("${CHANGED}"));
    const version = createRequire(import.meta.url)("${INSTALLED}/package.json").version;
    console.log(patchMarker, version);`;
  writeFileSync(join(folder, "check.mjs"), program);
  const found = (await run(process.execPath, ["check.mjs"], { cwd: folder })).trim();
  if (found !== "true 0.1.0") {
    throw new Error(`after an update by ${manager}, ${CHANGED} has the patch: ${found} (expected "true 0.1.0")`);
  }
}
