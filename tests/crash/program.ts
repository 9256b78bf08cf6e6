import { join } from "node:path";
import { compile } from "../compile.js";

/** Compiles `saver-process.ts` into a folder, and returns the path of the program. */
export function buildSaver(folder: string): Promise<string> {
  return buildProgram("saver-process", folder);
}

/** Compiles a program of this folder into `folder`, and returns its path. */
export async function buildProgram(name: string, folder: string): Promise<string> {
  const program = join(folder, `${name}.mjs`);
  await compile(`tests/crash/${name}.ts`, program);
  return program;
}
