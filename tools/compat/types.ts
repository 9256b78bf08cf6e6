import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readmeBlocks } from "../../tests/examples/readme-blocks.js";
import { packages, root } from "../../tests/workspace.js";
import { cacheFolder, install } from "../install.js";

/** Versions of TypeScript that must accept the published packages: the oldest supported, this workspace's, the newest. */
const COMPILERS = ["5.0.4", "5.9.3", "7.0.2"];
const NODE_TYPES = "20.19.43";
/**
 * Packages that applications compile with `skipLibCheck`: the types of TensorFlow.js do not check, those of zip.js, which `interchange`
 * names, need TypeScript 5.7, and those of the viewer's state name the library of its page.
 */
const NOT_STRICT: ReadonlySet<string> = new Set(["interchange", "tfjs", "viewer"]);

/** Compiles an application that uses the packed packages. Returns the compiler versions that reject it. */
export function checkTypes(): string[] {
  const folder = cacheFolder("compat/types");
  rmSync(folder, { recursive: true, force: true });
  const compilers = COMPILERS.map((version) => `typescript-${version}@npm:typescript@${version}`);
  const modules = install(folder, [...packInto(join(folder, "packed")), ...compilers, `@types/node@${NODE_TYPES}`]);
  const files = writeApplication(folder);
  console.log(`An application of ${files} files that uses the packed packages:`);
  return COMPILERS.filter((version) => {
    const compiler = join(modules, `typescript-${version}/bin/tsc`);
    const { status, stdout } = spawnSync(process.execPath, [compiler, "--project", folder], { encoding: "utf8" });
    console.log(`${status === 0 ? "accepted" : "REJECTED"} by TypeScript ${version}\n${stdout}`.trimEnd());
    return status !== 0;
  }).map((version) => `TypeScript ${version}`);
}

/** Packs every package as `pnpm publish` would, and returns the paths of the tarballs. */
function packInto(folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  const args = ["--recursive", "--filter", "./packages/*", "pack", "--pack-destination", folder];
  execFileSync("pnpm", args, {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  return readdirSync(folder).map((name) => join(folder, name));
}

/** Writes an application: all README examples, and an import of every entry point. Returns its number of files. */
function writeApplication(folder: string): number {
  const source = join(folder, "src");
  mkdirSync(source);
  const strict = packages.filter(({ room }) => !NOT_STRICT.has(room));
  const texts = [{ name: "root", folder: root }, ...strict.map(({ room, folder }) => ({ name: room, folder }))];
  for (const { name, folder } of texts) {
    for (const { language, line, code } of readmeBlocks(readFileSync(join(folder, "README.md"), "utf8"))) {
      if (language === "ts") writeFileSync(join(source, `${name}-${line}.ts`), code);
    }
  }
  const entries = strict
    .filter(({ manifest }) => !("bin" in manifest))
    .flatMap(({ manifest }) => Object.keys(manifest.exports).map((subpath) => manifest.name + subpath.slice(1)))
    .filter((specifier) => !specifier.endsWith("/package.json"));
  const lines = entries.map((specifier) => `import * as ${specifier.replace(/\W/g, "_")} from "${specifier}";\n`);
  writeFileSync(join(source, "entry-points.ts"), lines.join(""));
  const compilerOptions = {
    target: "ES2022",
    lib: ["ES2022", "DOM", "DOM.Iterable"],
    module: "NodeNext",
    moduleResolution: "NodeNext",
    moduleDetection: "force",
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["src"] }));
  return readdirSync(source).length;
}
