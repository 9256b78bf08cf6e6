import { join } from "node:path";
import ts from "typescript";
import { root } from "./workspace.js";

/** Creates a TypeScript program over the packages' sources, with the compiler options of the tests. */
export function createProgram(files: readonly string[], overrides: ts.CompilerOptions = {}): ts.Program {
  const { config } = ts.readConfigFile(join(root, "tsconfig.tests.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [], include: [] }, ts.sys, root);
  return ts.createProgram(files, { ...options, ...overrides });
}
