import { closing, joinPath, readFile, type Storage } from "@tfsaver/storage";
import { ensure, ensureBytes, ensureEqual, ensureFails } from "./assertions.js";
import { pattern, put, type StorageCase } from "./storage-suite-files.js";

/** What a reader may rely on. */
export const readingCases: readonly StorageCase[] = [
  [
    "reads back what was written",
    async (storage, root) => {
      const path = joinPath(root, "a");
      await put(storage, path, pattern(1000));
      ensureBytes(await readFile(storage, path), pattern(1000), "content");
      const file = await storage.open(path);
      ensureEqual(file.path, path, "path of the open file");
      ensureEqual(file.size, 1000, "size of the open file");
      await file.close();
    },
  ],
  [
    "reads any range, in any order and several at a time",
    async (storage, root) => {
      const bytes = pattern(10_000);
      await put(storage, joinPath(root, "a"), bytes);
      await reading(storage, joinPath(root, "a"), async (file) => {
        const ranges = [9999, 0, 5000, 1, 5000, 9000].map((offset, i) => [offset, Math.min(i * 700, 10_000 - offset)]);
        await Promise.all(
          ranges.map(async ([offset = 0, length = 0]) => {
            const target = new Uint8Array(length);
            await file.readInto(offset, [target]);
            ensureBytes(target, bytes.subarray(offset, offset + length), `bytes from ${offset}`);
          }),
        );
      });
    },
  ],
  [
    "reads into a part of a larger array and leaves the rest alone",
    async (storage, root) => {
      await put(storage, joinPath(root, "a"), pattern(100));
      await reading(storage, joinPath(root, "a"), async (file) => {
        const target = new Uint8Array(30).fill(255);
        await file.readInto(50, [target.subarray(10, 20)]);
        const expected = new Uint8Array(30).fill(255);
        expected.set(pattern(100).subarray(50, 60), 10);
        ensureBytes(target, expected, "array around the target");
      });
    },
  ],
  [
    "an empty file has size 0, and nothing can be read of it",
    async (storage, root) => {
      const path = joinPath(root, "empty");
      await put(storage, path, new Uint8Array());
      ensureEqual((await storage.stat(path))?.size, 0, "size");
      await reading(storage, path, async (file) => {
        await file.readInto(0, [new Uint8Array()]);
        await ensureFails(() => file.readInto(0, [new Uint8Array(1)]), "OutOfRangeError", path, "one byte");
      });
    },
  ],
  [
    "a read past the end is an OutOfRangeError, however little is missing",
    async (storage, root) => {
      const path = joinPath(root, "a");
      await put(storage, path, pattern(100));
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
  ],
  [
    "an open file keeps what it had when another is renamed over it",
    async (storage, root) => {
      const path = joinPath(root, "a");
      await put(storage, path, pattern(100, 1));
      await put(storage, joinPath(root, "b"), pattern(50, 2));
      await reading(storage, path, async (file) => {
        await storage.rename(joinPath(root, "b"), path);
        if (!storage.capabilities.atomicRename) return;
        const target = new Uint8Array(100);
        await file.readInto(0, [target]);
        ensureBytes(target, pattern(100, 1), "what was opened");
      });
      ensureBytes(await readFile(storage, path), pattern(50, 2), "what is opened now");
    },
  ],
  [
    "an aborted signal ends a call with a CancelledError",
    async (storage, root) => {
      const path = joinPath(root, "a");
      await put(storage, path, pattern(100));
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
  ],
];

async function reading(
  storage: Storage,
  path: string,
  use: (file: Awaited<ReturnType<Storage["open"]>>) => Promise<void>,
) {
  const file = await storage.open(path);
  await closing(file, () => use(file));
}
