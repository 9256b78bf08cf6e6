import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { filesBelow, type Package, packages } from "../workspace.js";

/** The only package that may contain names of checkpoint files. */
const GRAMMAR = "checkpoint-names";

/** Parts of the names, with or without the backslashes of a regular expression. */
const KNOWLEDGE = [
  /\\?\.(?:index|meta|saving)(?![A-Za-z])/,
  /\\?\.(?:data|temp)-/,
  /\\?\.records\\?\.json/,
  /tempstate/,
  /_temp(?![A-Za-z])/,
  /-of-/,
  /(?:\\?\?){5}|\\\?\{5\}/,
  /\\?\.tmp\[/,
  /^\/?\^?(?:part|whole)-/,
];

/** Whole names and endings. As an argument of a call, such a word may mean something else, such as a noun. */
const WORDS: ReadonlySet<string> = new Set(["checkpoint", "meta"]);

/** Returns the parts of checkpoint file names in a source file. */
function knowledgeIn(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (textsOf(node).some((part) => KNOWLEDGE.some((pattern) => pattern.test(part))) || isWord(node)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${file}:${line + 1}: ${node.getText()}`);
    } else ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/**
 * Returns the texts of a literal that may be part of a name. A text with spaces is a message or a help page, which may
 * quote a name; in it, only a text that directly follows a value counts.
 */
function textsOf(node: ts.Node): string[] {
  if (ts.isRegularExpressionLiteral(node)) return [node.text];
  if (ts.isStringLiteralLike(node)) return isModuleName(node) || /\s/.test(node.text) ? [] : [node.text];
  if (ts.isTemplateExpression(node)) {
    const spans = node.templateSpans.map(({ literal }) => literal.text);
    return [node.head.text, ...spans].flatMap((text) => text.match(/^\S+|\S+$/g) ?? []);
  }
  return [];
}

function isModuleName({ parent }: ts.Node): boolean {
  if (ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) || ts.isExternalModuleReference(parent))
    return true;
  if (ts.isLiteralTypeNode(parent)) return ts.isImportTypeNode(parent.parent);
  return ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword;
}

function isWord(node: ts.Node): boolean {
  return (
    ts.isStringLiteralLike(node) && WORDS.has(node.text) && !isModuleName(node) && !ts.isCallExpression(node.parent)
  );
}

function sourcesOf({ folder }: Package): { readonly file: string; readonly text: string }[] {
  const src = join(folder, "src");
  const files = filesBelow(src).filter((file) => file.endsWith(".ts") && !file.startsWith("generated/"));
  return files.map((file) => ({ file, text: readFileSync(join(src, file), "utf8") }));
}

describe.for(packages.filter(({ room }) => room !== GRAMMAR).map((pkg) => [pkg.room, pkg] as const))(
  "%s",
  ([, pkg]) => {
    test("does not contain names of checkpoint files", () => {
      expect(sourcesOf(pkg).flatMap(({ file, text }) => knowledgeIn(file, text))).toEqual([]);
    });
  },
);

// A `#` stands for `$`.
describe("the rule", () => {
  test.for([
    "const path = `#{prefix}.index`;",
    'const path = prefix + ".data-00000-of-00001";',
    "const shard = `#{prefix}-#{i}-of-#{n}`;",
    "const pattern = `#{prefix}-?????-of-?????`;",
    'const folder = "_temp";',
    "const suffix = `.tempstate#{random}`;",
    "throw new Error(`No file #{prefix}.index, sorry`);",
    "const isShard = /-\\d{5}-of-\\d{5}$/.test(name);",
    "const isIndex = /\\.index$/.test(name);",
    "const anyShard = /-\\?{5}$/;",
    'const { latestFilename = "checkpoint" } = options;',
    'const file = name ?? "checkpoint";',
    'const isPart = name.startsWith("part-");',
  ])("finds %s", (text) => {
    expect(knowledgeIn("a.ts", text.replaceAll("#", "$"))).toHaveLength(1);
  });

  test.for([
    "// model.index and model-?????-of-00002",
    'import { a } from "./end-of-file.js";',
    'throw new Error("There is no .index file");',
    "const { index } = entry; index.index();",
    'const text = formatCount(3, "checkpoint");',
    "const text = `#{count} of the .data- files`;",
  ])("allows %s", (text) => {
    expect(knowledgeIn("a.ts", text.replaceAll("#", "$"))).toEqual([]);
  });
});
