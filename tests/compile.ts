import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "./workspace.js";

/**
 * Compiles a program of this workspace into one file, which starts much faster than the sources.
 *
 * @param source - the program's main file, relative to the root
 */
export async function compile(source: string, program: string): Promise<void> {
  await build({
    entryPoints: [join(root, source)],
    outfile: program,
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
  });
}

/** Compiles the command `tfckpt` into a folder, and returns the path of the program. */
export async function compileCommand(folder: string): Promise<string> {
  const program = join(folder, "tfckpt/dist/index.mjs");
  await compile("packages/cli/src/index.ts", program);
  mkdirSync(join(folder, "tfckpt"), { recursive: true });
  copyFileSync(join(root, "packages/cli/package.json"), join(folder, "tfckpt/package.json"));
  return program;
}
