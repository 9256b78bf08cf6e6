import { canonicalPath, closing, dirname, joinPath, readFile, type Storage } from "@tfsaver/storage";
import { ensure, ensureBytes, ensureEqual, ensureFails } from "../assertions.js";
import { type GivenFilesCase, pattern } from "./files.js";

const ODD_NAMES = [
  "a b",
  "a[1].txt",
  "a*",
  "a?",
  "é漢🎉",
  "e\u0301",
  "A",
  "a",
  "#%20+&=~",
  "'\"",
  "-x",
  "..x",
  ".x",
  "a%2fb",
];

/** Cases for reading that also apply to read-only storages. */
export const givenFilesCases: readonly GivenFilesCase[] = [
  {
    name: "reads back what was written",
    files: { a: pattern(1000) },
    check: async (storage, root) => {
      const path = joinPath(root, "a");
      ensureBytes(await readFile(storage, path), pattern(1000), "content");
      const file = await storage.open(path);
      ensureEqual(file.path, path, "path of the open file");
      ensureEqual(file.size, 1000, "size of the open file");
      await file.close();
    },
  },
  {
    name: "reads any range, in any order and concurrently",
    files: { a: pattern(200_000) },
    check: async (storage, root) => {
      const bytes = pattern(200_000);
      await reading(storage, joinPath(root, "a"), async (file) => {
        const offsets = [199_999, 0, 100_000, 1, 100_000, 150_000, 190_000];
        const ranges = offsets.map((offset, i) => [offset, Math.min(i * 10_000, 200_000 - offset)]);
        await Promise.all(
          ranges.map(async ([offset = 0, length = 0]) => {
            const target = new Uint8Array(length);
            await file.readInto(offset, [target]);
            ensureBytes(target, bytes.subarray(offset, offset + length), `bytes from ${offset}`);
          }),
        );
      });
    },
  },
  {
    name: "reads into a part of a larger array and keeps the rest",
    files: { a: pattern(100) },
    check: async (storage, root) => {
      await reading(storage, joinPath(root, "a"), async (file) => {
        const target = new Uint8Array(30).fill(255);
        await file.readInto(50, [target.subarray(10, 20)]);
        const expected = new Uint8Array(30).fill(255);
        expected.set(pattern(100).subarray(50, 60), 10);
        ensureBytes(target, expected, "array around the target");
      });
    },
  },
  {
    name: "an empty file has size 0, and no bytes to read",
    files: { empty: new Uint8Array() },
    check: async (storage, root) => {
      const path = joinPath(root, "empty");
      ensureEqual((await storage.stat(path))?.size, 0, "size");
      await reading(storage, path, async (file) => {
        await file.readInto(0, [new Uint8Array()]);
        await ensureFails(() => file.readInto(0, [new Uint8Array(1)]), "OutOfRangeError", path, "one byte");
      });
    },
  },
  {
    name: "a read past the end fails with an OutOfRangeError, even by one byte",
    files: { a: pattern(100) },
    check: async (storage, root) => {
      const path = joinPath(root, "a");
      await reading(storage, path, async (file) => {
        await file.readInto(100, [new Uint8Array()]);
        const pastEnd = [
          [0, 101],
          [99, 2],
          [100, 1],
          [5000, 1],
        ] as const;
        for (const [offset, length] of pastEnd) {
          const read = () => file.readInto(offset, [new Uint8Array(length)]);
          await ensureFails(read, "OutOfRangeError", path, `${length} bytes from ${offset}`);
        }
        const target = new Uint8Array(100);
        await file.readInto(0, [target]);
        ensureBytes(target, pattern(100), "a good read after the failed ones");
      });
    },
  },
  {
    name: "a call with an aborted signal fails with a CancelledError",
    files: { a: pattern(100) },
    check: async (storage, root) => {
      const path = joinPath(root, "a");
      const signal = AbortSignal.abort();
      const cancelled = async (call: () => Promise<unknown>) => {
        const error = await call().then(
          () => undefined,
          (thrown: unknown) => thrown as Error,
        );
        ensure(error?.name === "CancelledError", `expected a CancelledError but got ${String(error)}`);
      };
      await cancelled(() => storage.open(path, { signal }));
      await reading(storage, path, (file) => cancelled(() => file.readInto(0, [new Uint8Array(10)], { signal })));
    },
  },
  {
    name: "opens names with any characters, compared exactly",
    files: Object.fromEntries(ODD_NAMES.map((name, i) => [name, pattern(10, i)])),
    check: async (storage, root) => {
      for (const [i, name] of ODD_NAMES.entries()) {
        const path = joinPath(root, name);
        ensureBytes(await readFile(storage, path), pattern(10, i), `content of ${name}`);
        ensureEqual((await storage.stat(path))?.size, 10, `size of ${name}`);
      }
    },
  },
  {
    name: "for a missing file, stat returns undefined and open fails with a NotFoundError",
    files: { a: pattern(123), "d/b": pattern(5) },
    check: async (storage, root) => {
      const file = await storage.stat(joinPath(root, "a"));
      ensureEqual([file?.kind, file?.size], ["file", 123], "a file");
      for (const name of ["x", "x/y", "d/x"]) {
        const path = joinPath(root, name);
        ensureEqual(await storage.stat(path), undefined, path);
        await ensureFails(() => storage.open(path), "NotFoundError", path, `open ${path}`);
      }
    },
  },
  {
    name: "doubled slashes and . in the path of a file are ignored",
    files: { "d/a": pattern(5) },
    check: async (storage, root) => {
      for (const path of ["d//a", "./d/a", "d/./a"]) {
        ensureBytes(await readFile(storage, joinPath(root, path)), pattern(5), path);
      }
    },
  },
  {
    name: "canonical gives all spellings of a path one path, and other paths another",
    files: { "d/a": pattern(5), "d/e/b": pattern(6) },
    check: async (storage, root) => {
      const spelled = (path: string) => canonicalPath(storage, joinPath(root, path));
      const file = await spelled("d/a");
      for (const path of ["./d/a", "d/./a", "d//a", "d/e/../a", "d/../d/a"])
        ensureEqual(await spelled(path), file, path);
      ensureEqual(await canonicalPath(storage, file), file, "the canonical path itself");
      ensureBytes(await readFile(storage, file), pattern(5), "content under the canonical path");

      const missing = await spelled("d/x");
      for (const path of ["d//x", "d/e/../x", "d/none/../x"]) ensureEqual(await spelled(path), missing, path);
      ensureEqual(dirname(missing), await spelled("d"), "the directory of a missing file");
      ensureEqual(await spelled("d/e/.."), await spelled("d/"), "a directory");

      const others = await Promise.all(["d/a", "d/b", "a", "d/e/a", "d", "d/a/x"].map(spelled));
      ensureEqual(new Set(others).size, others.length, "number of different paths");
    },
  },
];

async function reading(
  storage: Storage,
  path: string,
  use: (file: Awaited<ReturnType<Storage["open"]>>) => Promise<void>,
) {
  const file = await storage.open(path);
  await closing(file, () => use(file));
}
