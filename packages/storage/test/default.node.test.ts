import { defaultStorage, workingDirectory } from "@tfsaver/storage/default";
import { NodeStorage } from "@tfsaver/storage/node";
import { describe, expect, it } from "vitest";
import * as elsewhere from "../src/default.js";

describe("the default storage", () => {
  it("is the local file system under Node.js, and always the same one", () => {
    expect(defaultStorage()).toBeInstanceOf(NodeStorage);
    expect(defaultStorage()).toBe(defaultStorage());
    expect(defaultStorage().capabilities.fsync).toBe(true);
    expect(workingDirectory()).toBe(process.cwd());
  });

  it("must be passed elsewhere", () => {
    expect(() => elsewhere.defaultStorage()).toThrow(expect.objectContaining({ kind: "ValueError" }));
    expect(elsewhere.workingDirectory()).toBe("/");
  });
});
