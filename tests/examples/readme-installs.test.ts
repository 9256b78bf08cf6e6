import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { filesBelow, packages, root } from "../workspace.js";

/** Returns the packages that the code of a README or a page imports, each once. */
function imported(readme: string): string[] {
  const code = [...readme.matchAll(/^```(?:ts|js|html)\b.*\n([\s\S]*?)^```$/gm)].map(([, text]) => text).join("\n");
  const names = [...code.matchAll(/(?:\bfrom |\bimport |\bimport\(|\brequire\()"((?:@[\w-]+\/)?[\w-]+)[^"]*"/g)];
  return [...new Set(names.map(([, name]) => name as string))].filter((name) => name !== "node");
}

/** Returns the packages of the first `npm install` of a README, or of its `npx -p`. */
function installed(readme: string): string[] {
  const [, line = ""] = /^npm install (.+)$/m.exec(readme) ?? /^npx -p (\S+)/m.exec(readme) ?? [];
  return line.split(/\s+/).filter((word) => !word.startsWith("-"));
}

/** Returns the packages of all `npm install` of a page, also within its text. */
function installedByPage(page: string): string[] {
  return [...page.matchAll(/npm install ([^`\n]+)/g)].flatMap(([, words = ""]) => words.split(/\s+/));
}

/** Pages that a reader follows step by step. All others tell parts, whose readers have a project. */
const pages = filesBelow(join(root, "docs")).filter((file) => /^(tutorials|guides|extend)\/[\w-]+\.md$/.test(file));

describe.each(packages.map((pkg) => [pkg.room, pkg] as const))("the README of %s", (_, { folder, manifest }) => {
  const readme = readFileSync(join(folder, "README.md"), "utf8");

  it("installs the package, and all that its examples import", () => {
    const missing = [manifest.name, ...imported(readme)].filter((name) => !installed(readme).includes(name));
    expect(missing).toEqual([]);
  });
});

describe.each(pages)("the page %s", (page) => {
  const text = readFileSync(join(root, "docs", page), "utf8");
  const needsAll = !page.startsWith("guides/");

  it("installs all that its examples import", () => {
    const needed = imported(text).filter((name) => needsAll || name !== "tfsaver");
    expect(needed.filter((name) => !installedByPage(text).includes(name))).toEqual([]);
  });

  if (!needsAll || imported(text).length === 0) return;
  it("names the file of its first example, and says how to run it", () => {
    const [, file] = /\bnode (?:--import tsx )?([\w-]+\.mts)`/.exec(text) ?? [];
    expect(file).toBeDefined();
    expect(text.replace(/\s+/g, " ").includes(`Put this into \`${file}\``)).toBe(true);
  });
});
