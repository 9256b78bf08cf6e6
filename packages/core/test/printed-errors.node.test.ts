import { inspect } from "node:util";
import { NotFoundError } from "@tfsaver/core";
import { expect, it } from "vitest";

it("a printed or uncaught error shows its file and the page that explains it", () => {
  const printed = inspect(new NotFoundError("what", { path: "p" }));
  expect(printed).toMatch(/^NotFoundError: what\n/);
  expect(printed).toMatch(/\{\s+path: 'p',\s+more: 'https:\/\/tfsaver.github.io\/tfsaver\/errors#notfounderror'\s+\}$/);
});
