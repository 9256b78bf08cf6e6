import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createDirectories, escapeGlob, glob, MemoryStorage, type Storage } from "@tfsaver/storage";
import { NodeStorage } from "@tfsaver/storage/node";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

// tensorflow-globs.jsonl is what tensorflow-globs.py, beside it, printed with TensorFlow 2.21.
const source = readFileSync(new URL("tensorflow-globs.jsonl", import.meta.url), "utf8");
const { files, found } = JSON.parse(source) as { files: string[]; found: Record<string, string[]> };

async function memoryWith(paths: readonly string[]): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  for (const path of paths) {
    await createDirectories(storage, dirname(path));
    await (await storage.create(path)).close();
  }
  return storage;
}

/** Every pattern's matches in a folder, as TensorFlow would give them had it been asked in that folder. */
async function matches(storage: Storage, folder: string): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for (const pattern of Object.keys(found)) {
    const paths = pattern === "" ? await glob(storage, "") : await glob(storage, `${folder}${pattern}`);
    all[pattern] = paths.map((path) => path.slice(folder.length)).sort();
  }
  return all;
}

/** TensorFlow's matches, less the `./` that it puts before what it found in the working directory. */
const expected = Object.fromEntries(
  Object.entries(found).map(([pattern, paths]) => [
    pattern,
    paths.map((path) => (pattern.startsWith("./") ? path : path.replace(/^\.\//, ""))).sort(),
  ]),
);

describe("glob", () => {
  it("finds in memory what TensorFlow finds on disk", async () => {
    expect(await matches(await memoryWith(files), "")).toEqual(expected);
  });

  it("finds it on disk too", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tfsaver-glob-"));
    try {
      for (const file of files) {
        await mkdir(join(folder, dirname(file)), { recursive: true });
        await writeFile(join(folder, file), "");
      }
      expect(await matches(new NodeStorage(), `${folder}/`)).toEqual(expected);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("finds a file by its very name too, where TensorFlow finds only another", async () => {
    const storage = await memoryWith(["m[1].index", "m1.index", "d[1]/a", "d1/a"]);
    expect(await glob(storage, "m[1].index")).toEqual(["m1.index", "m[1].index"]);
    expect(await glob(storage, "d[1]/a")).toEqual(["d1/a", "d[1]/a"]);
  });

  it("takes absolute patterns", async () => {
    const storage = await memoryWith(["/a/b", "/a/c", "/x"]);
    expect(await glob(storage, "/*")).toEqual(["/a", "/x"]);
    expect(await glob(storage, "/?/*")).toEqual(["/a/b", "/a/c"]);
    expect(await glob(storage, "/")).toEqual(["/"]);
  });

  it("finds any escaped name and nothing else", async () => {
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
