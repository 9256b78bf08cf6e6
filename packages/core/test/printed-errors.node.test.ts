import { inspect } from "node:util";
import { NotFoundError } from "@tfsaver/core";
import { expect, it } from "vitest";

it("an error that is printed, or that nobody catches, says what is known and which page explains it", () => {
  const printed = inspect(new NotFoundError("what", { path: "p" }));
  expect(printed).toMatch(/^NotFoundError: what\n/);
  expect(printed).toMatch(/\{\s+path: 'p',\s+more: 'https:\/\/tfsaver.github.io\/tfsaver\/errors#notfounderror'\s+\}$/);
});
