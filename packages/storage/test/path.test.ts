import { basename, dirname, isAbsolutePath, joinPath, normalizePath, relativePath } from "@tfsaver/storage";
import { describe, expect, it } from "vitest";
import { jsonLines } from "../../../fixtures/json-lines.js";
import text from "./os-path.jsonl?raw";

const FUNCTIONS = { basename, dirname, isAbsolutePath, joinPath, normalizePath, relativePath };

// os-path.jsonl is what os-path.py, next to it, printed with Python 3.
const cases = jsonLines<[keyof typeof FUNCTIONS, [string, string], unknown]>(text);

describe("paths", () => {
  it.each(cases)("%s of %j is %j, as in Python", (name, args, result) => {
    expect(FUNCTIONS[name](...args)).toBe(result);
  });

  it.each(["C:/a", "C:\\a", "s3://bucket/a", "gs://b"])("%s is absolute, unlike in Python on Linux", (path) => {
    expect(isAbsolutePath(path)).toBe(true);
    expect(joinPath("d", path)).toBe(path);
  });

  it("are joined without resolving . or ..", () => {
    expect(joinPath(".", "./m")).toBe("././m");
  });
});
