import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { entryPoints } from "../../tools/entry-points.js";
import { createProgram } from "../program.js";
import { type Package, packages } from "../workspace.js";

const program = createProgram(packages.flatMap((pkg) => modulesOf(pkg).map(({ path }) => path)));
const checker = program.getTypeChecker();

const KINDS: readonly (readonly [flag: ts.SymbolFlags, kind: string])[] = [
  [ts.SymbolFlags.Class, "class"],
  [ts.SymbolFlags.Interface, "interface"],
  [ts.SymbolFlags.TypeAlias, "type"],
  [ts.SymbolFlags.Enum, "enum"],
  [ts.SymbolFlags.Function, "function"],
  [ts.SymbolFlags.Variable, "const"],
  [ts.SymbolFlags.ValueModule, "namespace"],
];

function modulesOf({ folder, manifest }: Package): { readonly title: string; readonly path: string }[] {
  return entryPoints(manifest.exports).map(({ subpath, source }, _, all) => {
    const alternative = all.filter((other) => other.subpath === subpath).length > 1 ? ` (${source})` : "";
    return { title: `${manifest.name}${subpath.slice(1)}${alternative}`, path: join(folder, source) };
  });
}

function describeModule(path: string): string[] {
  const file = program.getSourceFile(path);
  const module = file && checker.getSymbolAtLocation(file);
  if (!module) throw new Error(`${path} is not a module`);
  return checker.getExportsOfModule(module).sort(byName).flatMap(describeExport);
}

function describeExport(exported: ts.Symbol): string[] {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  return KINDS.filter(([flag]) => symbol.flags & flag).flatMap(([flag, kind]) => {
    const head = `${kind} ${exported.name}`;
    if (flag === ts.SymbolFlags.Function) return callSignatures(symbol).map((signature) => `${head}${signature}`);
    if (flag === ts.SymbolFlags.Class || flag === ts.SymbolFlags.Interface) {
      return [`${head}${heritage(symbol)}`, ...members(symbol).map((member) => `  ${member}`)];
    }
    return [head];
  });
}

function callSignatures(symbol: ts.Symbol): string[] {
  return checker.getTypeOfSymbol(symbol).getCallSignatures().map(signatureText);
}

/** Returns a signature as written in the source; the compiler's own text expands named unions. */
function signatureText(signature: ts.Signature): string {
  const { typeParameters = [], parameters, type } = signature.getDeclaration();
  const generics = typeParameters.length > 0 ? `<${typeParameters.map(sourceText).join(", ")}>` : "";
  const result = type ? sourceText(type) : checker.typeToString(signature.getReturnType());
  return `${generics}(${parameters.map(parameterText).join(", ")}): ${result}`;
}

function parameterText(parameter: ts.ParameterDeclaration): string {
  const { dotDotDotToken, name, questionToken, initializer, type } = parameter;
  const optional = (questionToken ?? initializer) ? "?" : "";
  const written = type ? sourceText(type) : checker.typeToString(checker.getTypeAtLocation(parameter));
  return `${dotDotDotToken ? "..." : ""}${sourceText(name)}${optional}: ${written}`;
}

function sourceText(node: ts.Node): string {
  return node.getText().replace(/\s+/g, " ");
}

function heritage(symbol: ts.Symbol): string {
  const declarations = symbol.declarations?.filter((node) => ts.isClassLike(node) || ts.isInterfaceDeclaration(node));
  const clauses = declarations?.flatMap((node) => node.heritageClauses ?? []) ?? [];
  return clauses.map((clause) => ` ${sourceText(clause)}`).join("");
}

/** Returns the public members of a symbol: constructors and static members first. */
function members(symbol: ts.Symbol): string[] {
  if (!(symbol.flags & ts.SymbolFlags.Class)) return publicMembers(symbol.members).map(memberText);
  const own = publicMembers(symbol.members);
  const constructs = own.some(isConstructor) ? checker.getTypeOfSymbol(symbol).getConstructSignatures() : [];
  return [
    ...constructs.map((signature) => `new ${signatureText(signature)}`),
    ...publicMembers(symbol.exports).map((member) => `static ${memberText(member)}`),
    ...own.filter((member) => !isConstructor(member)).map(memberText),
  ];
}

function publicMembers(table: ts.SymbolTable | undefined): ts.Symbol[] {
  return [...(table?.values() ?? [])].filter(isPublic).sort(byName);
}

function memberText(member: ts.Symbol): string {
  const optional = member.flags & ts.SymbolFlags.Optional ? "?" : "";
  return `${checker.symbolToString(member)}${optional}${member.flags & ts.SymbolFlags.Method ? "()" : ""}`;
}

function isPublic(member: ts.Symbol): boolean {
  if (member.flags & (ts.SymbolFlags.TypeParameter | ts.SymbolFlags.Prototype)) return false;
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return (member.declarations ?? []).every((node) => {
    const name = ts.getNameOfDeclaration(node);
    return !(ts.getCombinedModifierFlags(node) & hidden) && !(name && ts.isPrivateIdentifier(name));
  });
}

function isConstructor({ flags }: ts.Symbol): boolean {
  return (flags & ts.SymbolFlags.Constructor) !== 0;
}

function byName(a: ts.Symbol, b: ts.Symbol): number {
  return a.name.localeCompare(b.name, "en");
}

test.for(packages.map((pkg) => [pkg.room, pkg] as const))(
  "the public API of %s is that of api.txt",
  async ([, pkg]) => {
    const text = modulesOf(pkg).map(({ title, path }) => [`# ${title}`, "", ...describeModule(path), ""].join("\n"));
    await expect(text.join("\n")).toMatchFileSnapshot(join(pkg.folder, "api.txt"));
  },
);
