import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { createProgram } from "../program.js";
import { filesBelow, packages, root } from "../workspace.js";
import { type Snippet, Snippets } from "./snippets.js";

/** Packages in which every exported function and class must have an example. */
const COMPLETE = ["saver", "tensor-bundle", "checkpoint-reader", "graph"];

const EXAMPLE = /^ *\* *@example\b(.*(?:\n *\*(?! *@).*)*)/gm;
const BLOCK = /```ts\n([\s\S]*?)^ *\* *```/gm;

const sources = packages.flatMap(({ folder }) =>
  filesBelow(join(folder, "src"))
    .filter((file) => file.endsWith(".ts") && !file.startsWith("generated/"))
    .map((file) => join(folder, "src", file)),
);

/** Returns the examples of a source file, without the stars of its comments. */
function examplesIn(path: string): { readonly line: number; readonly snippets: readonly Snippet[] }[] {
  const text = readFileSync(path, "utf8");
  const lineAt = (index: number) => text.slice(0, index).split("\n").length;
  return [...text.matchAll(EXAMPLE)].map(({ 0: example, index }) => ({
    line: lineAt(index),
    snippets: [...example.matchAll(BLOCK)].map(({ 1: code = "", index: start }) => ({
      path,
      line: lineAt(index + start) + 1,
      code: code.replace(/^ *\* ?/gm, ""),
    })),
  }));
}

const examples = sources.flatMap((path) => examplesIn(path).map((example) => ({ ...example, path })));

describe("the examples in doc comments", () => {
  test("contain TypeScript", () => {
    const empty = examples.filter(({ snippets }) => snippets.length === 0);
    expect(empty.map(({ path, line }) => `${path.slice(root.length)}:${line}: no \`\`\`ts block`)).toEqual([]);
  });

  test("compile", () => {
    const all = examples.flatMap(({ snippets }) => snippets);
    const compiled = new Snippets("examples", all);
    expect(all.flatMap((snippet) => compiled.problems(snippet))).toEqual([]);
  });
});

/** Returns the functions and classes that a package exports, except re-exports of other packages. */
function exported(room: string, program: ts.Program): ts.Symbol[] {
  const checker = program.getTypeChecker();
  const entry = program.getSourceFile(entryPoint(room));
  const module = entry && checker.getSymbolAtLocation(entry);
  if (!module) throw new Error(`${room} has no entry point`);
  return checker
    .getExportsOfModule(module)
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol))
    .filter(({ flags }) => flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Class))
    .filter(({ declarations = [] }) => declarations.some((node) => fileOf(node).startsWith(`packages/${room}/`)));
}

function entryPoint(room: string): string {
  return join(root, "packages", room, "src/index.ts");
}

function fileOf(node: ts.Node): string {
  return node.getSourceFile().fileName.slice(root.length);
}

function placeOf({ name, declarations = [] }: ts.Symbol): string {
  const node = declarations[0] as ts.Declaration;
  const { line } = node.getSourceFile().getLineAndCharacterOfPosition(node.getStart());
  return `${fileOf(node)}:${line + 1}: ${name} has no @example`;
}

test("every exported function and class of these packages has an example", () => {
  const program = createProgram(COMPLETE.map(entryPoint));
  const checker = program.getTypeChecker();
  const symbols = COMPLETE.flatMap((room) => exported(room, program));
  const lacking = symbols.filter((symbol) => !symbol.getJsDocTags(checker).some(({ name }) => name === "example"));
  expect(lacking.map(placeOf)).toEqual([]);
});
