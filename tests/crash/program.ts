import { join } from "node:path";
import { compile } from "../compile.js";

/** The warning of a process if the kill before it came between the creation of a lock and the writing of its owner's name. */
export const WAIT_FOR_UNNAMED = /^Waiting to save .* is held by a process that it does not name\..*\n/;

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
