import { join } from "node:path";
import { build } from "esbuild";
import { root } from "../workspace.js";

/** Makes the program of `saver-process.ts`; gives its path. */
export function buildSaver(folder: string): Promise<string> {
  return buildProgram("saver-process", folder);
}

/** Makes the program of a source beside this one, which starts in a fraction of the time that its sources take; gives its path. */
export async function buildProgram(name: string, folder: string): Promise<string> {
  const program = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [join(root, `tests/crash/${name}.ts`)],
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
