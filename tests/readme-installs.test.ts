import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packages } from "./workspace.js";

/** Returns the packages that the code of a README imports, each once. */
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

describe.each(packages.map((pkg) => [pkg.room, pkg] as const))("the README of %s", (_, { folder, manifest }) => {
  const readme = readFileSync(join(folder, "README.md"), "utf8");

  it("installs the package, and all that its examples import", () => {
    const missing = [manifest.name, ...imported(readme)].filter((name) => !installed(readme).includes(name));
    expect(missing).toEqual([]);
  });
});
