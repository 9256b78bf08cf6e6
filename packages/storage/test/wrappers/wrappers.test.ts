import { bytesEqual, UnavailableError } from "@tfsaver/core";
import {
  type CallOptions,
  closing,
  MemoryStorage,
  readFile,
  type Storage,
  storageAt,
  writeFileAtomically,
} from "@tfsaver/storage";
import { mounted, withCache, withPrefix, withProgress, withRetry } from "@tfsaver/storage/wrappers";
import {
  CountingStorage,
  FaultyStorage,
  MemoryObjectStorage,
  type StorageUnderTest,
  storageSuite,
} from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { rejection } from "../../../../fixtures/rejection.js";

/** Storages with all and with few capabilities. */
const inner: Readonly<Record<string, () => Storage>> = {
  MemoryStorage: () => new MemoryStorage(),
  MemoryObjectStorage: () => new MemoryObjectStorage(),
};

const MIB = 2 ** 20;
const bytes = (length: number, seed = 0) => Uint8Array.from({ length }, (_, i) => i * 31 + (i >> 8) * 17 + seed);

const cached = (storage: Storage, local: Storage = new MemoryStorage(), maxBytes?: number) =>
  withCache(storage, { storage: local, directory: "/cache", maxBytes });

const wrappers: Readonly<Record<string, (storage: Storage) => Promise<StorageUnderTest>>> = {
  withRetry: async (storage) => ({ storage: withRetry(storage, { backoffMs: 1 }), root: "/" }),
  withProgress: async (storage) => ({ storage: withProgress(storage, () => undefined), root: "/" }),
  withCache: async (storage) => ({ storage: cached(storage), root: "/" }),
  "withPrefix, relative": async (storage) => {
    await storage.createDirectory("/pre");
    return { storage: withPrefix(storage, "/pre"), root: "" };
  },
  "withPrefix, absolute": async (storage) => {
    await storage.createDirectory("pre");
    return { storage: withPrefix(storage, "pre/"), root: "/" };
  },
  mounted: async (storage) => ({ storage: mounted({ file: storage, s3: new MemoryObjectStorage() }), root: "/" }),
  "storageAt of mounted": async (storage) => ({ storage: storageAt(mounted({ file: storage }), "/"), root: "/" }),
  "all at once": async (storage) => {
    await storage.createDirectory("/pre");
    return { storage: cached(withRetry(withProgress(withPrefix(storage, "/pre"), () => undefined))), root: "/" };
  },
};

for (const [name, make] of Object.entries(inner)) {
  describe.each(Object.entries(wrappers))(`%s around ${name}`, (_, wrap) => {
    for (const { name: test, run } of storageSuite(() => wrap(make()))) it(test, run);
  });
}

describe("withCache", () => {
  it("fetches bytes once, also for another process, and looks at the file each time it is opened", async () => {
    const remote = new CountingStorage(new MemoryObjectStorage());
    const local = new MemoryStorage();
    await writeFileAtomically(remote, "a", bytes(3 * MIB + 5));
    remote.reset();
    for (let i = 0; i < 3; i++) {
      const file = await cached(remote, local).open("a");
      const target = new Uint8Array(2 * MIB);
      await closing(file, () => file.readInto(MIB - 3, [target]));
      expect(bytesEqual(target, bytes(3 * MIB + 5).subarray(MIB - 3, 3 * MIB - 3))).toBe(true);
    }
    expect(remote.bytesRead).toBe(3 * MIB);
    expect(remote.operations.slice(-1).map(({ kind }) => kind)).toEqual(["stat"]);
  });

  it("fetches a file anew that has changed, and a block that was damaged", async () => {
    const remote = new MemoryStorage();
    const local = new MemoryStorage();
    const storage = cached(remote, local);
    await writeFileAtomically(remote, "a", bytes(100));
    expect(await readFile(storage, "a")).toEqual(bytes(100));
    await writeFileAtomically(remote, "a", bytes(101, 1));
    expect(await readFile(storage, "a")).toEqual(bytes(101, 1));
    for (const { name } of await local.list("/cache")) await writeFileAtomically(local, `/cache/${name}`, bytes(105));
    expect(await readFile(storage, "a")).toEqual(bytes(101, 1));
  });

  it("keeps no more than its limit, and reads on without any space", async () => {
    const remote = new MemoryObjectStorage();
    await writeFileAtomically(remote, "a", bytes(10 * MIB));
    const local = new MemoryStorage();
    const file = await cached(remote, local, 3 * MIB).open("a");
    const target = new Uint8Array(10 * MIB);
    await file.readInto(0, [target]);
    expect(bytesEqual(target, bytes(10 * MIB))).toBe(true);
    const sizes = await Promise.all((await local.list("/cache")).map(({ name }) => local.stat(`/cache/${name}`)));
    expect(sizes.reduce((sum, stat) => sum + (stat?.size ?? 0), 0)).toBeLessThanOrEqual(3 * MIB);
    const full = new FaultyStorage(new MemoryStorage(), { fail: ({ kind }) => kind === "write" });
    expect(bytesEqual(await readFile(withoutGet(cached(remote, full)), "a"), bytes(10 * MIB))).toBe(true);
  });
});

describe("withRetry", () => {
  it.each<[string, (storage: Storage, options: CallOptions) => Promise<unknown>]>([
    ["stat", (storage, options) => storage.stat("a", options)],
    ["list", (storage, options) => storage.list("/", options)],
    ["remove", (storage, options) => storage.remove("a", options)],
    ["unfinished.list", async (storage, options) => storage.unfinished?.list("/", options)],
  ])("an aborted signal ends the wait before the next attempt of %s", async (_, call) => {
    const controller = new AbortController();
    const failing = new FaultyStorage(new MemoryObjectStorage(), {
      fail: () => true,
      error: () => {
        queueMicrotask(() => controller.abort(new Error("enough")));
        return new UnavailableError("no answer");
      },
    });
    const storage = withRetry(failing, { backoffMs: 1e9 });
    expect(await rejection(call(storage, { signal: controller.signal }))).toMatchObject({ kind: "CancelledError" });
    expect(failing.operations).toBe(1);
  });

  const failing = (failures: number, before: boolean) => {
    let left = failures;
    const storage = new MemoryObjectStorage();
    const put = storage.put.bind(storage);
    storage.put = async (...args) => {
      if (left-- <= 0) return put(...args);
      if (!before) await put(...args);
      throw new UnavailableError("no answer");
    };
    return storage;
  };

  it("repeats what got no answer, and recognizes what was done", async () => {
    for (const before of [true, false]) {
      const storage = withRetry(failing(2, before), { backoffMs: 1 });
      await storage.put?.("a", bytes(5), { exclusive: true });
      expect(await readFile(storage, "a")).toEqual(bytes(5));
      const error = await rejection(storage.put?.("a", bytes(6), { exclusive: true }) ?? Promise.resolve());
      expect(error).toMatchObject({ kind: "AlreadyExistsError" });
    }
  });

  it("gives up after the last attempt, and does not repeat other errors", async () => {
    const storage = withRetry(failing(3, true), { maxAttempts: 3, backoffMs: 1 });
    expect(await rejection(storage.put?.("a", bytes(5)) ?? Promise.resolve())).toMatchObject({
      kind: "UnavailableError",
    });
    const counting = new CountingStorage(new MemoryStorage());
    expect(await rejection(withRetry(counting).open("none"))).toMatchObject({ kind: "NotFoundError" });
    expect(counting.count("open")).toBe(1);
  });
});

it("withProgress reports the bytes of each call, and their sum", async () => {
  const seen: string[] = [];
  const storage = withProgress(new MemoryStorage(), ({ path, direction, bytes: count, total }) =>
    seen.push(`${direction} ${path} ${count} ${total}`),
  );
  const file = await storage.create("a");
  await closing(file, async () => {
    await file.write([bytes(3), bytes(4)]);
    await file.write([bytes(5)]);
  });
  await readFile(storage, "a");
  expect(seen).toEqual(["write a 7 7", "write a 5 12", "read a 12 12"]);
});

describe("withPrefix", () => {
  it.each(["../x", "a/../../x", "s3://bucket/x", "C:\\x"])("%s leads nowhere", async (path) => {
    const storage = withPrefix(new MemoryStorage(), "/pre");
    for (const call of [() => storage.stat(path), () => storage.create(path), () => storage.rename("a", path)])
      expect(await rejection(call())).toMatchObject({ kind: "UnimplementedError", path });
  });
});

describe("mounted", () => {
  it("sends paths to the storage of their scheme, which keeps its capabilities", async () => {
    const [file, s3] = [new MemoryStorage(), new MemoryStorage()];
    const storage = mounted({ file, S3: s3 });
    for (const directory of ["s3:", "s3://bucket"]) await s3.createDirectory(directory);
    await writeFileAtomically(storage, "s3://bucket/a", bytes(5));
    await writeFileAtomically(storage, "/a", bytes(6));
    expect(await readFile(s3, "s3://bucket/a")).toEqual(bytes(5));
    expect(await readFile(file, "/a")).toEqual(bytes(6));
    expect(storageAt(storage, "s3://bucket")).toBe(s3);
    expect(mounted({ file, s3: new MemoryObjectStorage() }).capabilities).toMatchObject({
      ...{ atomicRename: false, atomicPut: false, exclusiveCreate: true, directories: true },
    });
    expect(await rejection(storage.rename("/a", "s3://bucket/b"))).toMatchObject({ kind: "UnimplementedError" });
    const error = await rejection(storage.open("gs://bucket/a"));
    expect(error).toMatchObject({ kind: "UnimplementedError", message: expect.stringContaining("mounted: file, s3") });
  });
});

/** Reads through `open` alone. */
function withoutGet({ get: _, ...storage }: Storage): Storage {
  return storage;
}
