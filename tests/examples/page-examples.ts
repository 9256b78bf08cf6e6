import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { compileCommand } from "../compile.js";
import { fetchFromSite } from "../site-fetch.js";
import { root } from "../workspace.js";
import { type ReadmeBlock, readmeBlocks } from "./readme-blocks.js";
import { type Snippet, Snippets } from "./snippets.js";

/** A page with examples: a README, or a page of the documentation site. */
export interface Page {
  /** What its tests are about, such as "the README of storage". */
  readonly name: string;
  readonly path: string;
  /** A language of which it must have an example. */
  readonly mustHave?: ReadmeBlock["language"];
}

/** A code block of a page. */
type Example = ReadmeBlock & Snippet;

/**
 * Tests that the examples of pages compile, run, and print what the pages show. The examples of a page run in its order in
 * a folder of their own, which has the repository's `fixtures`, and the checkpoint that the site's tutorials download as `example`.
 *
 * @param kind - name of the folder of the compiled examples
 */
export async function testExamples(kind: string, pages: readonly Page[]): Promise<void> {
  const compiled = mkdtempSync(join(tmpdir(), "tfsaver-command-"));
  afterAll(() => rmSync(compiled, { recursive: true }));

  /** Shell functions for the commands that pages use. */
  const commands = `tfckpt() { "${process.execPath}" "${await compileCommand(compiled)}" "$@"; }
npx() { "$@"; }
`;
  const all = pages.map((page) => ({ ...page, examples: examplesIn(page.path) }));
  const modules = new Snippets(
    kind,
    all.flatMap(({ examples }) => examples.filter(({ language }) => language === "ts")),
  );

  describe.for(all.map((page) => [page.name, page] as const))("%s", ([, { mustHave, examples }]) => {
    let folder: string;

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "tfsaver-page-"));
      symlinkSync(join(root, "fixtures"), join(folder, "fixtures"));
      cpSync(join(root, "fixtures/goldens/v2-with-meta"), join(folder, "example"), { recursive: true });
      process.chdir(folder);
    });

    afterAll(() => {
      process.chdir(root);
      rmSync(folder, { recursive: true });
    });

    if (mustHave !== undefined) {
      test("has an example", () => {
        expect(examples.map(({ language }) => language)).toContain(mustHave);
      });
    }

    for (const example of examples) {
      const { language, runs, line, code, output } = example;
      if (language === "ts") {
        test(`line ${line} compiles`, () => {
          expect(modules.problems(example)).toEqual([]);
        });
      }
      if (runs && (language === "ts" || output !== undefined)) {
        test(`line ${line} runs and prints what the page shows`, async () => {
          const printed = language === "ts" ? await runModule(modules.file(example)) : runCommands(commands + code);
          if (output !== undefined) expect(printed).toBe(output);
        });
      }
    }
  });
}

function examplesIn(path: string): Example[] {
  return readmeBlocks(readFileSync(path, "utf8")).map((block) => ({ ...block, path }));
}

async function runModule(file: string): Promise<string> {
  const lines: string[] = [];
  // Each example reloads its modules, like a separate process.
  vi.resetModules();
  vi.stubGlobal("fetch", fetchFromSite);
  const log = vi.spyOn(console, "log").mockImplementation((...args) => void lines.push(`${format(...args)}\n`));
  try {
    await import(pathToFileURL(file).href);
  } finally {
    log.mockRestore();
    vi.unstubAllGlobals();
  }
  return lines.join("");
}

function runCommands(code: string): string {
  return execFileSync("bash", ["-euc", code], { encoding: "utf8" });
}
