import { createDirectories, dirname, escapeGlob, glob, MemoryStorage } from "@tfsaver/storage";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expected, files, matches } from "./tensorflow-globs.js";

async function memoryWith(paths: readonly string[]): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  for (const path of paths) {
    await createDirectories(storage, dirname(path));
    await (await storage.create(path)).close();
  }
  return storage;
}

describe("glob", () => {
  it("finds the same files in memory as TensorFlow on disk", async () => {
    // In memory `*/..` is a path that exists: `..` is worked out as text.
    const withoutParents = (found: Record<string, string[]>) =>
      Object.fromEntries(Object.entries(found).filter(([pattern]) => !pattern.includes("..")));
    const found = await matches(await memoryWith(files), "");
    expect(withoutParents(found)).toEqual(withoutParents(expected));
  });

  it("finds a file by its exact name too, where TensorFlow finds only another", async () => {
    const storage = await memoryWith(["m[1].index", "m1.index", "d[1]/a", "d1/a"]);
    expect(await glob(storage, "m[1].index")).toEqual(["m1.index", "m[1].index"]);
    expect(await glob(storage, "d[1]/a")).toEqual(["d1/a", "d[1]/a"]);
  });

  it("accepts absolute patterns, and keeps a scheme", async () => {
    const storage = await memoryWith(["/a/b", "/a/c", "/x"]);
    expect(await glob(storage, "/*")).toEqual(["/a", "/x"]);
    expect(await glob(storage, "/?/*")).toEqual(["/a/b", "/a/c"]);
    expect(await glob(storage, "/")).toEqual(["/"]);
    const listed: string[] = [];
    const schemes = Object.assign(new MemoryStorage(), {
      list: async (path: string) => {
        listed.push(path);
        return [{ name: "m", kind: "file" as const }];
      },
    });
    expect(await glob(schemes, "mem://*")).toEqual(["mem://m"]);
    expect(await glob(schemes, "mem://b/d/*")).toEqual(["mem://b/d/m"]);
    expect(listed).toEqual(["mem://", "mem://b/d"]);
  });

  it("finds any escaped name, and only that", async () => {
    const name = fc
      .string({ unit: fc.constantFrom(..."ab[]!^-\\*?."), minLength: 1 })
      .filter((n) => !/^\.{1,2}$/.test(n));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(name, { minLength: 1 }), async (names) => {
        const storage = await memoryWith(names);
        for (const each of names) {
          const paths = await glob(storage, escapeGlob(each));
          expect(paths.filter((path) => path !== escapeGlob(each))).toEqual(each === escapeGlob(each) ? [] : [each]);
        }
      }),
    );
  });

  it("never throws for a pattern", async () => {
    const storage = await memoryWith(["a", "b/c"]);
    const pattern = fc.string({ unit: fc.constantFrom(..."ab[]!^-\\*?./{}()|+$é🎉") });
    await fc.assert(
      fc.asyncProperty(pattern, async (text) => {
        expect(Array.isArray(await glob(storage, text))).toBe(true);
      }),
    );
  });
});
