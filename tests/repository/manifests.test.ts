import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { packages, root } from "../workspace.js";

/**
 * Ranges of dependencies. Peers of our own accept all versions before 1: with another range, each of their releases would be a
 * major one of ours.
 */
const RANGE = /^(?:\^|workspace:(?:\^|<1)$)/;
const REPOSITORY = "https://github.com/tfsaver/tfsaver";

describe.each(packages.map((pkg) => [pkg.room, pkg] as const))("the package.json of %s", (room, { folder }) => {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

  it("leads from the registry to the sources, the page and the issues", () => {
    expect(manifest).toMatchObject({
      homepage: `${REPOSITORY}/tree/main/packages/${room}#readme`,
      bugs: `${REPOSITORY}/issues`,
      repository: { type: "git", url: `git+${REPOSITORY}.git`, directory: `packages/${room}` },
      license: "Apache-2.0",
    });
  });

  it("has a description, and keywords that people search for", () => {
    expect(manifest.description).toMatch(/^\S.{20,120}[^.]$/);
    expect(manifest.keywords).toEqual(expect.arrayContaining(["tensorflow", "checkpoint"]));
    expect(manifest.keywords.length).toBeGreaterThan(3);
  });

  it("is published for everyone, with provenance", () => {
    expect(manifest.private).toBeUndefined();
    expect(manifest.publishConfig).toEqual({ access: "public", provenance: true });
  });

  it("publishes its code, its sources and its README; the license is that of the root", () => {
    expect(manifest.files).toEqual(expect.arrayContaining(["dist", "src", "!**/.*"]));
    expect(existsSync(join(folder, "README.md"))).toBe(true);
    expect(existsSync(join(folder, "LICENSE"))).toBe(false);
  });

  it("accepts newer versions of what it depends on", () => {
    const ranges = { ...manifest.dependencies, ...manifest.peerDependencies };
    const pinned = Object.entries<string>(ranges).filter(([name, range]) => !RANGE.test(inCatalog(name, range)));
    expect(pinned).toEqual([]);
  });
});

test("the license of all packages is at the root, from where it is packed", () => {
  expect(readFileSync(join(root, "LICENSE"), "utf8")).toMatch(/Apache License\s+Version 2\.0/);
});

const workspace = readFileSync(join(root, "pnpm-workspace.yaml"), "utf8");

/** Returns a range, or that of the catalog which it stands for. */
function inCatalog(name: string, range: string): string {
  if (range !== "catalog:") return range;
  const [, version = ""] = new RegExp(`^ {2}"?${name}"?: (\\S+)$`, "m").exec(workspace) ?? [];
  return version;
}
