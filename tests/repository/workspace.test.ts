import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packages, root } from "../workspace.js";

test("the lockfile names no registry", () => {
  expect(readFileSync(join(root, "pnpm-lock.yaml"), "utf8")).not.toMatch(/https?:\/\//);
});

test.for(["CONTRIBUTING.md", "ARCHITECTURE.md", "README.md", "SECURITY.md"])("every path in %s exists", (file) => {
  const text = readFileSync(join(root, file), "utf8");
  const paths = [...text.matchAll(/`((?:packages|tests|tools|fixtures|examples|proto|docs)\/[\w./-]+)`/g)].map(
    ([, path]) => path,
  );
  expect(paths.filter((path) => !existsSync(join(root, path as string)))).toEqual([]);
});

test("tests and examples can import every package", () => {
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(devDependencies).toMatchObject(Object.fromEntries(packages.map((pkg) => [pkg.manifest.name, "workspace:^"])));
});
