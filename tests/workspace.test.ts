import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packages, root } from "./workspace.js";

test("the lockfile names no registry", () => {
  expect(readFileSync(join(root, "pnpm-lock.yaml"), "utf8")).not.toMatch(/https?:\/\//);
});

test("tests and examples can import every package", () => {
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(devDependencies).toMatchObject(Object.fromEntries(packages.map((pkg) => [pkg.manifest.name, "workspace:^"])));
});
