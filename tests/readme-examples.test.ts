import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { compileCommand } from "./compile.js";
import { createProgram } from "./program.js";
import { type ReadmeBlock, readmeBlocks } from "./readme-blocks.js";
import { packages, root } from "./workspace.js";

/** A block of a README; one of TypeScript is in a file too. */
interface Example extends ReadmeBlock {
  readonly file: string;
}

const compiled = mkdtempSync(join(tmpdir(), "tfsaver-command-"));
afterAll(() => rmSync(compiled, { recursive: true }));

/** Defines the commands under the names that a reader types. */
const COMMANDS = `tfckpt() { "${process.execPath}" "${await compileCommand(compiled)}" "$@"; }
npx() { "$@"; }
`;

const generated = join(root, "tests/generated/readme");
rmSync(generated, { recursive: true, force: true });
mkdirSync(generated, { recursive: true });

const readmes = [
  { name: "root", folder: root, command: false },
  ...packages.map(({ room, folder, manifest }) => ({ name: room, folder, command: "bin" in manifest })),
].map((readme) => ({ ...readme, examples: examplesIn(readme.name, join(readme.folder, "README.md")) }));

const program = createProgram(
  readmes.flatMap(({ examples }) => examples.filter(({ language }) => language === "ts").map(({ file }) => file)),
  { moduleDetection: ts.ModuleDetectionKind.Force, noUnusedLocals: false },
);

/** Returns the examples of a README. Each is written to a file too, on the same lines as in the README. */
function examplesIn(name: string, path: string): Example[] {
  return readmeBlocks(readFileSync(path, "utf8")).map((block) => {
    const file = join(generated, `${name}-${block.line}.ts`);
    if (block.language === "ts") writeFileSync(file, "\n".repeat(block.line - 1) + block.code);
    return { ...block, file };
  });
}

async function runModule(file: string): Promise<string> {
  const lines: string[] = [];
  // Each example loads its modules anew, as in a process of its own.
  vi.resetModules();
  const log = vi.spyOn(console, "log").mockImplementation((...args) => void lines.push(`${format(...args)}\n`));
  try {
    await import(pathToFileURL(file).href);
  } finally {
    log.mockRestore();
  }
  return lines.join("");
}

function runCommands(code: string): string {
  return execFileSync("bash", ["-euc", COMMANDS + code], { encoding: "utf8" });
}

describe.for(readmes.map((readme) => [readme.name, readme] as const))("the README of %s", ([, readme]) => {
  const { command, examples } = readme;
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tfsaver-readme-"));
    symlinkSync(join(root, "fixtures"), join(folder, "fixtures"));
    process.chdir(folder);
  });

  afterAll(() => {
    process.chdir(root);
    rmSync(folder, { recursive: true });
  });

  test("has an example", () => {
    expect(examples.map(({ language }) => language)).toContain(command ? "sh" : "ts");
  });

  for (const { language, runs, line, code, output, file } of examples) {
    if (language === "ts") {
      test(`line ${line} compiles`, () => {
        const source = program.getSourceFile(file);
        expect(ts.formatDiagnostics(ts.getPreEmitDiagnostics(program, source), ts.createCompilerHost({}))).toBe("");
      });
    }
    if (runs && (language === "ts" || output !== undefined)) {
      test(`line ${line} does what it says`, async () => {
        const printed = language === "ts" ? await runModule(file) : runCommands(code);
        if (output !== undefined) expect(printed).toBe(output);
      });
    }
  }
});
