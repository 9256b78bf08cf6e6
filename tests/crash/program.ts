import { join } from "node:path";
import { build } from "esbuild";
import { root } from "../workspace.js";

/** Makes the program of `saver-process.ts`, which starts in a fraction of the time that its sources take; gives its path. */
export async function buildSaver(folder: string): Promise<string> {
  const program = join(folder, "saver.mjs");
  await build({
    entryPoints: [join(root, "tests/crash/saver-process.ts")],
    outfile: program,
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
    conditions: ["@tfsaver/source"],
    logLevel: "silent",
  });
  return program;
}
