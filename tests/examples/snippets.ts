import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { createProgram } from "../program.js";
import { root } from "../workspace.js";

/** Code in a text, such as a README or a comment. */
export interface Snippet {
  /** Path of the file that contains it. */
  readonly path: string;
  /** Number of its first line in that file, starting with 1. */
  readonly line: number;
  readonly code: string;
}

/** Snippets of TypeScript, each written as a module to a folder in `tests/generated`. */
export class Snippets {
  readonly #folder: string;
  readonly #program: ts.Program;

  /** Writes the snippets, and compiles them as one program with the compiler options of the tests. */
  constructor(name: string, snippets: readonly Snippet[]) {
    this.#folder = join(root, "tests/generated", name);
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder, { recursive: true });
    // Leading empty lines keep the line numbers of the original file.
    for (const snippet of snippets) writeFileSync(this.file(snippet), "\n".repeat(snippet.line - 1) + snippet.code);
    const options = {
      moduleDetection: ts.ModuleDetectionKind.Force,
      noUnusedLocals: false,
      // Node.js removes types, and compiles nothing: no parameter properties, enums and namespaces.
      erasableSyntaxOnly: true,
    };
    this.#program = createProgram(
      snippets.map((snippet) => this.file(snippet)),
      options,
    );
  }

  /** Returns the path of a snippet's module. */
  file({ path, line }: Snippet): string {
    const name = path
      .slice(root.length)
      .replace(/\.\w+$/, "")
      .replaceAll("/", "-");
    return join(this.#folder, `${name}-${line}.ts`);
  }

  /** Returns the compiler's errors in a snippet as `file:line: message`, where `file` is the original file. */
  problems(snippet: Snippet): string[] {
    const source = this.#program.getSourceFile(this.file(snippet));
    return ts.getPreEmitDiagnostics(this.#program, source).map(({ messageText, start = 0 }) => {
      const line = (source?.getLineAndCharacterOfPosition(start).line ?? 0) + 1;
      return `${snippet.path.slice(root.length)}:${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
  }
}
