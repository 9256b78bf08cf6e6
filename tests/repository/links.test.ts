import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { packages, root } from "../workspace.js";
import { brokenLinks, linksOf } from "./links.js";

/** The pages of the root. Those of the site, in `docs/`, are checked where it is built. */
const pages = readdirSync(root).filter((name) => name.endsWith(".md"));

test.for(pages)("every link of %s leads to a file, and to a heading of it", (page) => {
  expect(brokenLinks(page)).toEqual([]);
});

describe.each(packages.map(({ room }) => `packages/${room}/README.md`))("%s", (page) => {
  it("has links that lead to a file of the repository, and to a heading of it", () => {
    expect(brokenLinks(page)).toEqual([]);
  });

  // The registry, and pages that show packages, resolve relative links in different ways.
  it("has links that work outside of the repository", () => {
    const relative = linksOf(readFileSync(join(root, page), "utf8")).filter((link) => !/^(?:https:|#)/.test(link));
    expect(relative).toEqual([]);
  });
});
