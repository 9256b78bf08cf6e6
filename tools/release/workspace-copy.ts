import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { packages, root } from "../../tests/workspace.js";
import type { Registry } from "./registry.js";
import { run } from "./run.js";
import { scratchFolder } from "./scratch.js";

/** A version of a package that was published. */
export interface Release {
  readonly name: string;
  readonly version: string;
}

/**
 * Copies this repository, as it stands, into a temporary folder that publishes to a registry, and installs what it needs.
 *
 * Provenance is left out: only a workflow of GitHub can vouch for where a package was built.
 *
 * @returns The path of the copy.
 */
export async function copyWorkspace({ npmrc }: Registry): Promise<string> {
  const copy = scratchFolder("workspace");
  const listed = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root });
  for (const path of listed.split("\0").filter((path) => path !== "" && existsSync(join(root, path)))) {
    mkdirSync(join(copy, dirname(path)), { recursive: true });
    cpSync(join(root, path), join(copy, path));
  }
  await run("npm", ["run", "bootstrap"], { cwd: copy });
  writeFileSync(join(copy, ".npmrc"), npmrc);
  for (const { room } of packages) {
    const path = join(copy, "packages", room, "package.json");
    const manifest = JSON.parse(readFileSync(path, "utf8"));
    const { provenance: _, ...publishConfig } = manifest.publishConfig ?? {};
    writeFileSync(path, `${JSON.stringify({ ...manifest, publishConfig }, undefined, 2)}\n`);
  }
  // Changesets look for what has changed since a commit, and tag what they publish.
  await run("git", ["init", "--quiet", "--initial-branch=main"], { cwd: copy });
  await run("git", ["config", "user.name", "rehearsal"], { cwd: copy });
  await run("git", ["config", "user.email", "rehearsal@localhost"], { cwd: copy });
  await commit(copy);
  return copy;
}

/** Raises the versions of what has changed, publishes it as the release does, and returns what the registry has now besides. */
export async function release(copy: string, registry: Registry): Promise<Release[]> {
  const names = packages.map(({ manifest }) => manifest.name);
  const before = new Set((await registry.published(names)).map(identify));
  await run("npm", ["run", "release:version"], { cwd: copy });
  await commit(copy);
  await run("npm", ["run", "release:publish"], { cwd: copy });
  return (await registry.published(names)).filter((release) => !before.has(identify(release)));
}

export function identify({ name, version }: Release): string {
  return `${name}@${version}`;
}

async function commit(copy: string): Promise<void> {
  await run("git", ["add", "."], { cwd: copy });
  await run("git", ["commit", "--quiet", "--message=Rehearse"], { cwd: copy });
}
