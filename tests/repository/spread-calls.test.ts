import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";
import { filesBelow, packages } from "../workspace.js";

/**
 * Beginnings of the calls that spread a list which is no constant. Each list has a bounded length: others overflow the stack from about 120,000 items on.
 */
const BOUNDED: readonly string[] = [
  // A piece of 32 KiB.
  "checkpoint-tools/src/values/tensor-to-json.ts: String.fromCharCode(...bytes.subarray(at, at + step))",
  // A piece of 12 KiB.
  "interchange/src/source/carried.ts: String.fromCharCode(...bytes.subarray(at, at + PART))",
  // Six bytes.
  "core/src/npy/parse-header.ts: String.fromCharCode(...head.subarray(0, 6))",
  // One for each option of a command.
  "cli/src/commands/folder/prune.ts: anyOf(...policies)",
  // One path, or two for a rename.
  "storage/src/wrappers/forward.ts: run(...paths)",
  "storage/src/wrappers/with-prefix.ts: run(...own)",
  "storage/src/wrappers/with-retry.ts: run(...paths)",
  // Tuples.
  "saver/src/restore/explain-restore-error.ts: InvalidArgumentError(...explained(",
  "session-local/src/kernels/tables.ts: HashTable(key, ...dtypes)",
  "session-local/src/kernels/tables.ts: found.requireDtypes(...dtypes)",
  "testing/src/storage-suite/failure-cases.ts: storage.rename(...paths)",
];

/** Returns the calls in a file that spread a list which is no constant. */
function spreadCalls(path: string): string[] {
  const source = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const spread = (node.arguments ?? []).flatMap((one) => (ts.isSpreadElement(one) ? one.expression.getText() : []));
      if (!spread.every((list) => /^[A-Z_]+$/.test(list))) {
        found.push(`${node.expression.getText()}(${(node.arguments ?? []).map((one) => one.getText()).join(", ")})`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

it("no package spreads a list of any length into the arguments of a call", () => {
  const found = packages.flatMap(({ room, folder }) =>
    filesBelow(join(folder, "src"))
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) => spreadCalls(join(folder, "src", file)).map((call) => `${room}/src/${file}: ${call}`)),
  );
  expect(found.filter((call) => !BOUNDED.some((known) => call.startsWith(known)))).toEqual([]);
});
