import { describe, expect, it } from "vitest";
import { runInOwnProcess } from "../../../../tests/own-process.js";

/** Finds a pattern in a folder of some files, and prints how many paths match and how often a folder was listed. */
const SEARCH = `
  import { glob, MemoryStorage } from "@tfsaver/storage";
  import { CountingStorage } from "@tfsaver/testing";

  const [pattern, ...names] = input;
  const storage = new CountingStorage(new MemoryStorage());
  for (const name of names) {
    if (name.endsWith("/")) await storage.createDirectory(name);
    else await (await storage.create(name)).close();
  }
  console.log((await glob(storage, pattern)).length, "found,", storage.count("list"), "listed");
`;

const search = (pattern: string, ...names: string[]) => runInOwnProcess(SEARCH, [pattern, ...names]);

describe("the time of a search", () => {
  it.each([
    ["stars", "*a*a*a*a*a*a*a*b", "a".repeat(250)],
    ["many stars before a long name", `${"*a".repeat(500)}*b`, "a".repeat(20_000)],
    ["stars and questions", `${"*?".repeat(500)}*b`, "a".repeat(20_000)],
    ["sets", `${"*[a-b][!c]".repeat(50)}z`, "a".repeat(20_000)],
    ["sets without an end", `*${"[a-".repeat(20_000)}`, "a".repeat(2000)],
    ["a set of many characters", `*[${"b".repeat(10_000)}]*c`, "a".repeat(2000)],
  ])("is that of the pattern times the name, for %s", async (_, pattern, name) => {
    expect(await search(pattern, name)).toBe("0 found, 1 listed\n");
  });

  it.each(["*/../".repeat(12), "*/./".repeat(12), "*//".repeat(12), `*/..${"/*/..".repeat(11)}`])(
    "does not multiply the folders that %s passes",
    async (pattern) => {
      const folders = Array.from({ length: 10 }, (_, i) => `d${i}/`);
      expect(await search(`${pattern}*`, ...folders, "m")).toBe("0 found, 0 listed\n");
    },
  );

  it("is short for a path of very many parts", async () => {
    expect(await search(`${"a/".repeat(100_000)}[b]`)).toBe("0 found, 1 listed\n");
    expect(await search(`*${"/a".repeat(100_000)}/[b]`, "a/")).toBe("0 found, 2 listed\n");
    expect(await search("*/".repeat(100_000), "a/")).toBe("0 found, 2 listed\n");
  });
});
