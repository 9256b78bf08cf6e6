import { runInNewContext } from "node:vm";
import { NotFoundError } from "@tfsaver/core";
import { expect, it } from "vitest";
import { codeOf, translate } from "../src/node/system-error.js";

it("knows errors of the operating system that are of another realm, as they are under jest", () => {
  const error = runInNewContext('Object.assign(new Error("no such file"), { code: "ENOENT" })');
  expect(error).not.toBeInstanceOf(Error);
  expect(codeOf(error)).toBe("ENOENT");
  expect(translate(error, "model.ckpt.index")).toBeInstanceOf(NotFoundError);
});

it("knows that other values have no code", () => {
  for (const value of [undefined, null, "ENOENT", new Error("x"), { code: 8 }]) expect(codeOf(value)).toBeUndefined();
});
