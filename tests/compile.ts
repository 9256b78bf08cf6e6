import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { root } from "./workspace.js";

const OPTIONS = {
  bundle: true,
  minify: true,
  platform: "node",
  format: "esm",
  conditions: ["@tfsaver/source"],
  // CommonJS dependencies load the modules of Node.js with `require`.
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
  logLevel: "silent",
} satisfies BuildOptions;

/**
 * Compiles a program of this workspace into one file, which starts much faster than the sources.
 *
 * @param source - the program's main file, relative to the root
 */
export async function compile(source: string, program: string): Promise<void> {
  await build({ ...OPTIONS, entryPoints: [join(root, source)], outfile: program });
}

const COMMAND = "packages/cli/src/index.ts";

/**
 * Compiles the command `tfckpt` into a folder, and returns the path of the program. It loads its parts when it needs them, as the
 * published command does.
 *
 * @param without - packages that it does not find, as if they were not installed
 */
export async function compileCommand(folder: string, without: readonly string[] = []): Promise<string> {
  const outdir = join(folder, "tfckpt/dist");
  await build({
    ...OPTIONS,
    entryPoints: [join(root, COMMAND)],
    outdir,
    outExtension: { ".js": ".mjs" },
    splitting: true,
    external: [...without],
  });
  copyManifest(folder);
  return join(outdir, "index.mjs");
}

function copyManifest(folder: string): void {
  mkdirSync(join(folder, "tfckpt"), { recursive: true });
  copyFileSync(join(root, "packages/cli/package.json"), join(folder, "tfckpt/package.json"));
}
