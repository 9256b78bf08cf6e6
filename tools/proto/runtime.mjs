/**
 * Bundles the part of protobufjs that the generated wire codecs need at run time.
 *
 * A browser that reads a checkpoint would otherwise load twice as much code to parse its messages as to do all the rest:
 * `protobufjs/minimal` brings long.js, remote calls and a `Buffer` of its own, and no bundler can drop the methods of a
 * prototype that nobody calls. So the codecs get the library's reader and writer with the methods that they do call.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import ts from "typescript";

const here = dirname(fileURLToPath(import.meta.url));
const { version } = createRequire(import.meta.url)("protobufjs/package.json");
const banner = `/*! protobufjs ${version}, Copyright (c) 2016 Daniel Wirtz and others, BSD-3-Clause */`;

/** The source of the module, for codecs and their surroundings of these sources. */
export async function runtimeSource(users) {
  const prune = {
    name: "prune",
    setup(builder) {
      builder.onResolve({ filter: /util\/minimal$/ }, () => ({ path: join(here, "runtime/util.mjs") }));
      builder.onLoad({ filter: /protobufjs.src.(reader|writer|util.longbits)\.js$/ }, ({ path }) => ({
        contents: withoutUnusedMethods(readFileSync(path, "utf8"), users.join("\n")),
      }));
    },
  };
  const { outputFiles } = await build({
    entryPoints: [join(here, "runtime/index.mjs")],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    minifySyntax: true,
    legalComments: "none",
    banner: { js: banner },
    plugins: [prune],
  });
  return outputFiles[0].text;
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
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  return method === undefined ? code : code.slice(code.indexOf("=") + 1);
}
