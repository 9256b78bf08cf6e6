import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as core from "@tfsaver/core";
import { expect, test } from "vitest";
import { site } from "../../docs/build/site.js";
import { root } from "../workspace.js";

const page = readFileSync(join(site, "errors.html"), "utf8");
const anchors = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));

/** Returns the members of a union type of texts. */
function membersOf(type: string, file: string): string[] {
  const source = readFileSync(join(root, file), "utf8");
  const [, union = ""] = new RegExp(`type ${type} =([^;]+);`).exec(source) ?? [];
  return [...union.matchAll(/"([^"]+)"/g)].map(([, member = ""]) => member);
}

test("the page of the errors has an anchor for each kind of error", () => {
  const kinds = membersOf("ErrorKind", "packages/core/src/errors.ts");
  const classes = Object.keys(core).filter((name) => /^[A-Z]\w+Error$/.test(name) && name !== "CheckpointError");
  expect(kinds.sort()).toEqual(classes.sort());
  expect(kinds.filter((kind) => !anchors.has(kind.toLowerCase()))).toEqual([]);
});

test("the page of the errors has an anchor for each diagnosis", () => {
  const diagnoses = membersOf("Diagnosis", "packages/checkpoint-reader/src/diagnose/problem.ts");
  expect(diagnoses.length).toBeGreaterThan(5);
  expect(diagnoses.filter((diagnosis) => !anchors.has(diagnosis))).toEqual([]);
});

test("the page of the errors has an anchor for each kind of file that is taken for a checkpoint", () => {
  const kinds = membersOf("FileKind", "packages/checkpoint-reader/src/diagnose/identified-file.ts");
  expect(kinds.length).toBeGreaterThan(10);
  expect(kinds.filter((kind) => !anchors.has(kind))).toEqual([]);
});
