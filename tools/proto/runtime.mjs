/**
 * Bundles the part of protobufjs that the generated wire codecs need at run time.
 *
 * A browser that reads a checkpoint would otherwise load twice as much code to parse its messages as to do all the rest:
 * `protobufjs/minimal` brings long.js, remote calls and a `Buffer` of its own, and no bundler can drop the methods of a
 * prototype that nobody calls. So the codecs get the library's reader and writer with the methods that they do call.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import ts from "typescript";

const here = dirname(fileURLToPath(import.meta.url));
const utilPath = join(here, "runtime/library-util.mjs");
const { version } = createRequire(import.meta.url)("protobufjs/package.json");
const banner = `/*! protobufjs ${version}, Copyright (c) 2016 Daniel Wirtz and others, BSD-3-Clause */`;

/** The modules, for codecs and their surroundings of these sources. */
export async function runtimeSources(users) {
  const prune = {
    name: "prune",
    setup(builder) {
      builder.onLoad({ filter: /protobufjs.src.\w+(.\w+)?\.js$/ }, ({ path }) => ({
        contents: asModule(withoutUnusedMethods(readFileSync(path, "utf8"), users.join("\n")), path),
      }));
    },
  };
  const { outputFiles } = await build({
    entryPoints: ["decode", "encode"].map((direction) => join(here, `runtime/runtime.${direction}.mjs`)),
    bundle: true,
    splitting: true,
    chunkNames: "runtime.shared",
    outdir: ".",
    write: false,
    format: "esm",
    target: "es2022",
    minifySyntax: true,
    legalComments: "none",
    logOverride: { "import-is-undefined": "silent" },
    banner: { js: banner },
    plugins: [prune],
  });
  return outputFiles.map(({ path, text }) => ({ name: basename(path), text }));
}

/** A library source as a module, which needs nothing around it to be imported. */
function asModule(source, path) {
  const module = source
    .replace(
      /^var util\s+= require\("\.\/util\/minimal"\);$/m,
      () => `import * as util from ${JSON.stringify(utilPath)};`,
    )
    .replace(/^module\.exports = (\w+);$/m, "export { $1 as default };")
    .replace(/^var (\w+) = exports,$/m, "export { $1 as default };\nvar $1 = {},");
  if (/\brequire\(|\bexports\b/.test(withoutComments(module))) throw new Error(`${path} is not written as expected`);
  return module;
}

/** A library source without the prototype's methods that neither `users` nor its other parts name. */
function withoutUnusedMethods(source, users) {
  const statements = ts.createSourceFile("", source, ts.ScriptTarget.Latest).statements.map((node) => ({
    text: source.slice(node.pos, node.end),
    method: assignedMethod(node),
  }));
  let kept = statements;
  for (;;) {
    const names = new Set([users, ...kept.map(({ text, method }) => body(text, method))].join("\n").match(/\w+/g));
    const next = kept.filter(({ method }) => method === undefined || names.has(method));
    if (next.length === kept.length) return kept.map(({ text }) => text).join("");
    kept = next;
  }
}

/** `name` of a statement `X.prototype.name = …`. */
function assignedMethod(node) {
  if (!ts.isExpressionStatement(node) || !ts.isBinaryExpression(node.expression)) return undefined;
  const { left } = node.expression;
  if (!ts.isPropertyAccessExpression(left) || !ts.isPropertyAccessExpression(left.expression)) return undefined;
  return left.expression.name.text === "prototype" ? left.name.text : undefined;
}

/** The part of a statement in which a name counts as used: not a comment, not the name's own definition. */
function body(text, method) {
  const code = withoutComments(text);
  return method === undefined ? code : code.slice(code.indexOf("=") + 1).replace(/^\s*function \w+/, "");
}

function withoutComments(text) {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
}
