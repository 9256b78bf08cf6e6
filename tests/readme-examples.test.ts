import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { compileCommand } from "./compile.js";
import { type ReadmeBlock, readmeBlocks } from "./readme-blocks.js";
import { type Snippet, Snippets } from "./snippets.js";
import { packages, root } from "./workspace.js";

/** A code block of a README. */
type Example = ReadmeBlock & Snippet;

const compiled = mkdtempSync(join(tmpdir(), "tfsaver-command-"));
afterAll(() => rmSync(compiled, { recursive: true }));

/** Shell functions for the commands that READMEs use. */
const COMMANDS = `tfckpt() { "${process.execPath}" "${await compileCommand(compiled)}" "$@"; }
npx() { "$@"; }
`;

const readmes = [
  { name: "root", folder: root, command: false },
  ...packages.map(({ room, folder, manifest }) => ({ name: room, folder, command: "bin" in manifest })),
].map((readme) => ({ ...readme, examples: examplesIn(join(readme.folder, "README.md")) }));

const modules = new Snippets(
  "readme",
  readmes.flatMap(({ examples }) => examples.filter(({ language }) => language === "ts")),
);

/** Returns the examples of a README. */
function examplesIn(path: string): Example[] {
  return readmeBlocks(readFileSync(path, "utf8")).map((block) => ({ ...block, path }));
}

async function runModule(file: string): Promise<string> {
  const lines: string[] = [];
  // Each example reloads its modules, like a separate process.
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

  for (const example of examples) {
    const { language, runs, line, code, output } = example;
    if (language === "ts") {
      test(`line ${line} compiles`, () => {
        expect(modules.problems(example)).toEqual([]);
      });
    }
    if (runs && (language === "ts" || output !== undefined)) {
      test(`line ${line} runs and prints what the README shows`, async () => {
        const printed = language === "ts" ? await runModule(modules.file(example)) : runCommands(code);
        if (output !== undefined) expect(printed).toBe(output);
      });
    }
  }
});
