import { existsSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, normalize } from "node:path/posix";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { entryPoints } from "../../tools/entry-points.js";
import { filesBelow, type Package, packages, root } from "../workspace.js";
import { allowed, bundledRooms, nodeRooms, only, rows } from "./arrows.js";
import { circlesIn, type ImportGraph } from "./circles.js";

const NODE_GLOBALS = new Set(["Buffer", "NodeJS", "__dirname", "__filename", "process"]);

const byName = new Map(packages.map((pkg) => [pkg.manifest.name, pkg]));

/** Splits `@scope/name/sub/path` into `["@scope/name", "./sub/path"]`. */
function splitSpecifier(specifier: string): [name: string, subpath: string] {
  const parts = specifier.split("/");
  const name = parts.splice(0, specifier.startsWith("@") ? 2 : 1).join("/");
  return [name, [".", ...parts].join("/")];
}

function importsOf(text: string): string[] {
  const imported = ts.preProcessFile(text, true, true).importedFiles.map((file) => file.fileName);
  return [...imported, ...[...text.matchAll(/import\.meta\.resolve\("([^"]+)"\)/g)].map(([, name]) => name as string)];
}

/** Returns the dependencies whose code a package may import, those that are bundled into it included. */
function dependenciesOf({ room, manifest }: Package): Readonly<Record<string, string>> {
  return bundledRooms.includes(room)
    ? { ...manifest.devDependencies, ...manifest.dependencies }
    : manifest.dependencies;
}

function arrowOffence(pkg: Package, dependency: string): string | undefined {
  const target = byName.get(dependency);
  if (target && !allowed(pkg.room).has(target.room)) return `no arrow leads from ${pkg.room} to ${target.room}`;
  return undefined;
}

function importOffence(pkg: Package, file: string, specifier: string): string | undefined {
  const onNode = nodeRooms.includes(pkg.room) || file.startsWith("node/");
  if (specifier.startsWith(".")) {
    const target = normalize(join(file, "..", specifier));
    if (target.startsWith("..")) return `${specifier} leaves the package`;
    if (target.startsWith("node/") && !onNode) return `${specifier} needs Node.js`;
    return undefined;
  }
  const [name, subpath] = splitSpecifier(specifier);
  if (!onNode && (isBuiltin(specifier) || subpath === "./node")) return `${specifier} needs Node.js`;
  if (isBuiltin(specifier)) return undefined;
  // A package imports from itself by name what depends on conditions.
  if (name !== pkg.manifest.name && !(name in dependenciesOf(pkg))) return `${name} is not a declared dependency`;
  const target = byName.get(name);
  if (target && !(subpath in target.manifest.exports)) return `${specifier} is not exported`;
  return name === pkg.manifest.name ? undefined : arrowOffence(pkg, name);
}

function globalOffences(pkg: Package, file: string, text: string): string[] {
  if (nodeRooms.includes(pkg.room) || file.startsWith("node/")) return [];
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && NODE_GLOBALS.has(node.text) && !isMemberName(node)) {
      found.push(`${node.text} is a global of Node.js`);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return found;
}

function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.expression.getText() === "globalThis") return false;
  return "name" in parent && parent.name === node;
}

/** Returns the offences of one file of a package; `file` is relative to `src`. */
function offences(pkg: Package, file: string, text: string): string[] {
  const imports = importsOf(text).map((specifier) => importOffence(pkg, file, specifier));
  return [...imports, ...globalOffences(pkg, file, text)].filter((offence) => offence !== undefined);
}

function sourcesOf(pkg: Package): { readonly file: string; readonly text: string }[] {
  const src = join(pkg.folder, "src");
  return filesBelow(src).map((file) => ({ file, text: readFileSync(join(src, file), "utf8") }));
}

/** Returns the imports among the source files of all packages, including imports of types. */
function importGraph(): ImportGraph {
  return new Map(
    packages.flatMap((pkg) =>
      sourcesOf(pkg).map(({ file, text }) => {
        const targets = importsOf(text).flatMap((specifier) => targetsOf(pkg, file, specifier));
        return [`${pkg.room}/src/${file}`, targets] as const;
      }),
    ),
  );
}

/** Returns the source files that an import resolves to: several if an entry point depends on conditions. */
function targetsOf(pkg: Package, file: string, specifier: string): string[] {
  if (specifier.startsWith(".")) {
    const path = normalize(join(file, "..", specifier)).replace(/\.js$/, ".ts");
    return [`${pkg.room}/src/${existsSync(join(pkg.folder, "src", `${path}x`)) ? `${path}x` : path}`];
  }
  const [name, subpath] = splitSpecifier(specifier);
  const target = byName.get(name);
  const entries = target ? entryPoints(target.manifest.exports) : [];
  return entries.filter((entry) => entry.subpath === subpath).map(({ source }) => `${target?.room}/${source}`);
}

test("arrows.ts lists every package, and no other", () => {
  const drawn = [...rows.flatMap((row) => Object.keys(row)), ...Object.keys(only)];
  expect(packages.map((pkg) => pkg.room)).toEqual([...new Set(drawn)].sort());
});

describe.for(packages.map((pkg) => [pkg.room, pkg] as const))("%s", ([, pkg]) => {
  test("declares only dependencies that arrows.ts allows", () => {
    const offending = Object.keys(dependenciesOf(pkg)).map((name) => arrowOffence(pkg, name));
    expect(offending.filter(Boolean)).toEqual([]);
  });

  test("imports along the arrows only, and needs Node.js only where it may", () => {
    const offending = sourcesOf(pkg).flatMap(({ file, text }) =>
      offences(pkg, file, text).map((offence) => `${file}: ${offence}`),
    );
    expect(offending).toEqual([]);
  });

  test("uses every dependency it declares", () => {
    const used = new Set(sourcesOf(pkg).flatMap(({ text }) => importsOf(text).map((name) => splitSpecifier(name)[0])));
    // The peer dependencies of our packages must be declared by the packages that use them.
    for (const name of used)
      for (const peer of Object.keys(byName.get(name)?.manifest.peerDependencies ?? {})) used.add(peer);
    expect(Object.keys(pkg.manifest.dependencies).filter((name) => !used.has(name))).toEqual([]);
  });

  test("is built after its dependencies", () => {
    const { references = [] } = readConfig(join(pkg.folder, "tsconfig.json"));
    const needed = Object.keys(dependenciesOf(pkg)).flatMap((name) => {
      const target = byName.get(name);
      return target ? projectsOf(target).map((project) => `../${project}`) : [];
    });
    const others = references.map(({ path }) => path).filter((path) => path.startsWith("../"));
    expect(others.sort()).toEqual(needed.sort());
  });
});

test("everything is type-checked", () => {
  const { references = [] } = readConfig(join(root, "tsconfig.json"));
  expect(references.map(({ path }) => path).sort()).toEqual(
    packages.flatMap((pkg) => projectsOf(pkg).map((project) => `packages/${project}`)).sort(),
  );
});

/** Returns a package's TypeScript projects, as `references` name them. */
function projectsOf({ room, folder }: Package): string[] {
  const node = existsSync(join(folder, "tsconfig.node.json")) ? [`${room}/tsconfig.node.json`] : [];
  return [room, ...node];
}

function readConfig(path: string): { references?: { path: string }[] } {
  return ts.readConfigFile(path, ts.sys.readFile).config;
}

test("no files import each other in a circle", () => {
  expect(circlesIn(importGraph())).toEqual([]);
});

describe("the rules find", () => {
  const at = (room: string): Package => packages.find((pkg) => pkg.room === room) as Package;

  test.for([
    ["an arrow upwards", "core", "a.ts", 'import "@tfsaver/saver";', "@tfsaver/saver is not a declared dependency"],
    ["a builtin", "core", "a.ts", 'export * from "node:fs";', "node:fs needs Node.js"],
    ["a bare builtin", "core", "a.ts", 'const fs = await import("fs/promises");', "fs/promises needs Node.js"],
    ["a type import", "storage", "a.ts", 'let a: import("@tfsaver/core/x").X;', "@tfsaver/core/x is not exported"],
    ["a Node entry point", "sstable", "a.ts", 'import "@tfsaver/storage/node";', "@tfsaver/storage/node needs Node.js"],
    ["Node code beside", "storage", "a.ts", 'import "./node/index.js";', "./node/index.js needs Node.js"],
    [
      "a way out",
      "storage",
      "node/a.ts",
      'import "../../../core/src/a.js";',
      "../../../core/src/a.js leaves the package",
    ],
    ["a global", "core", "a.ts", "const bytes = Buffer.from([]);", "Buffer is a global of Node.js"],
    ["a hidden global", "core", "a.ts", "globalThis.process.cwd();", "process is a global of Node.js"],
    ["a global's type", "core", "a.ts", "let bytes: Buffer;", "Buffer is a global of Node.js"],
  ] as const)("%s", ([, room, file, text, offence]) => {
    expect(offences(at(room), file, text)).toEqual([offence]);
  });

  test("circles of any length, each once", () => {
    const graph = new Map([
      ["a", ["b", "d"]],
      ["b", ["c"]],
      ["c", ["a"]],
      ["d", ["d", "missing"]],
    ]);
    expect(circlesIn(graph)).toEqual(["a → b → c → a", "d → d"]);
  });

  test("the files that imports resolve to", () => {
    expect(targetsOf(at("storage"), "http/a.ts", "../storage.js")).toEqual(["storage/src/storage.ts"]);
    expect(targetsOf(at("saver"), "a.ts", "@tfsaver/core/coding")).toEqual(["core/src/coding/index.ts"]);
    expect(targetsOf(at("saver"), "a.ts", "@tfsaver/storage/default")).toHaveLength(2);
    expect(targetsOf(at("cli"), "a.ts", "commander")).toEqual([]);
  });

  test("dependencies against the arrows", () => {
    expect(arrowOffence(at("saver"), "@tfsaver/tensor-bundle")).toBe("no arrow leads from saver to tensor-bundle");
    expect(arrowOffence(at("meta-graph"), "@tfsaver/saver-builders")).toBeDefined();
  });

  test("nothing in harmless code", () => {
    const text =
      '// import "node:fs"\nimport { a } from "@tfsaver/core/coding";\nexport const b = { process: a.process };';
    expect(offences(at("storage"), "a.ts", text)).toEqual([]);
    expect(offences(at("storage"), "node/a.ts", 'import "node:fs"; process.cwd();')).toEqual([]);
  });
});
