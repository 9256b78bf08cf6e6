import {
  closing,
  createAtomically,
  createDirectories,
  MemoryStorage,
  readFile,
  type Storage,
  type StorageCapabilities,
  writeFileAtomically,
} from "@tfsaver/storage";
import { InterceptedStorage, type StorageOperation } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { filesIn, textOf } from "../../../fixtures/storage-files.js";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Fails at the n-th operation, after half of a write. */
class FailingStorage extends InterceptedStorage {
  calls: StorageOperation[] = [];

  constructor(
    inner: Storage,
    private readonly failAt = 0,
    private readonly changed: Partial<StorageCapabilities> = {},
  ) {
    super(inner);
  }

  override get capabilities(): StorageCapabilities {
    return { ...this.inner.capabilities, ...this.changed };
  }

  protected override async intercept<T>(operation: StorageOperation, run: () => Promise<T>): Promise<T> {
    if (this.calls.push(operation) !== this.failAt) return run();
    throw new Error("fault");
  }
}

async function storageWithOld(): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  await writeFileAtomically(storage, "/a", bytes("old"));
  return storage;
}

describe("writeFileAtomically", () => {
  it("writes, flushes, closes, renames and flushes the directory, in this order", async () => {
    const storage = new FailingStorage(await storageWithOld());
    await writeFileAtomically(storage, "/a", bytes("new"));
    expect(storage.calls.map(({ kind }) => kind)).toEqual([
      "create",
      "write",
      "sync",
      "close",
      "rename",
      "syncDirectory",
    ]);
    expect(storage.calls[0]?.path).toMatch(/^\/\.tmp[0-9a-f]{32}$/);
    expect(await textOf(storage, "/a")).toBe("new");
    expect(await filesIn(storage, "/")).toEqual(["a"]);
  });

  it("uses the temporary name that it is given", async () => {
    const storage = new FailingStorage(await storageWithOld());
    await writeFileAtomically(storage, "/a", bytes("new"), "/a.part");
    expect(storage.calls[0]?.path).toBe("/a.part");
    expect(await filesIn(storage, "/")).toEqual(["a"]);
  });

  it("leaves the old content or the new, and no temporary file, after a failure at any point", async () => {
    for (let failAt = 1; failAt <= 6; failAt++) {
      const inner = await storageWithOld();
      const write = writeFileAtomically(new FailingStorage(inner, failAt), "/a", bytes("new"));
      await expect(write, `operation ${failAt}`).rejects.toThrow("fault");
      // Flushing the directory is the last operation; the new content is in place by then.
      expect(await textOf(inner, "/a")).toBe(failAt < 6 ? "old" : "new");
      expect(await filesIn(inner, "/"), `after operation ${failAt}`).toEqual(["a"]);
    }
  });

  it("uses another temporary name each time", async () => {
    const storage = new FailingStorage(await storageWithOld());
    await Promise.all([
      writeFileAtomically(storage, "/a", bytes("1")),
      writeFileAtomically(storage, "/a", bytes("22")),
    ]);
    const temporary = storage.calls.filter(({ kind }) => kind === "create").map(({ path }) => path);
    expect(new Set(temporary).size).toBe(2);
    expect(["1", "22"]).toContain(await textOf(storage, "/a"));
  });

  it.each([{ atomicPut: true }, { atomicRename: false }])("writes in place with %o", async (capabilities) => {
    const storage = new FailingStorage(await storageWithOld(), 0, capabilities);
    await writeFileAtomically(storage, "/a", bytes("new"));
    expect(storage.calls.map(({ kind, path }) => [kind, path])).toEqual([
      ["create", "/a"],
      ["write", "/a"],
      ["sync", "/a"],
      ["close", "/a"],
      ["syncDirectory", "/"],
    ]);
  });
});

describe("createAtomically", () => {
  it("shows nothing before commit, and leaves nothing after discard", async () => {
    const storage = await storageWithOld();
    const pending = await createAtomically(storage, "/a", "/a.part");
    await pending.file.write([bytes("new")]);
    expect(await textOf(storage, "/a")).toBe("old");
    expect(await filesIn(storage, "/")).toEqual(["a", "a.part"]);
    await pending.discard();
    expect(await filesIn(storage, "/")).toEqual(["a"]);
    await pending.discard();
  });
});

describe("readFile", () => {
  it("reads everything and closes", async () => {
    const storage = new FailingStorage(await storageWithOld());
    expect(await textOf(storage, "/a")).toBe("old");
    expect(storage.calls.map(({ kind }) => kind)).toEqual(["open", "read", "close"]);
  });

  it("closes the file when reading fails, and rejects with NotFoundError for a missing file", async () => {
    const storage = new FailingStorage(await storageWithOld(), 2);
    await expect(readFile(storage, "/a")).rejects.toThrow("fault");
    expect(storage.calls.at(-1)?.kind).toBe("close");
    await expect(readFile(storage, "/b")).rejects.toMatchObject({ kind: "NotFoundError", path: "/b" });
  });
});

describe("closing", () => {
  it("reports the error of the use, not that of the following close", async () => {
    const file = await new MemoryStorage().create("/a");
    const failing = { ...file, close: () => Promise.reject(new Error("close")) };
    await expect(closing(failing, () => Promise.reject(new Error("use")))).rejects.toThrow("use");
    await expect(closing(failing, async () => 1)).rejects.toThrow("close");
  });
});

describe("createDirectories", () => {
  it("creates only the missing directories", async () => {
    const storage = new FailingStorage(new MemoryStorage());
    await createDirectories(storage, "/a/b/c");
    await createDirectories(storage, "/a/b/d");
    await createDirectories(storage, "x/y");
    await createDirectories(storage, "");
    const made = storage.calls.filter(({ kind }) => kind === "createDirectory").map(({ path }) => path);
    expect(made).toEqual(["/a", "/a/b", "/a/b/c", "/a/b/d", "x", "x/y"]);
  });

  it("rejects with FailedPreconditionError if a parent is a file", async () => {
    const storage = await storageWithOld();
    for (const path of ["/a", "/a/b", "/a/b/c"]) {
      await expect(createDirectories(storage, path)).rejects.toMatchObject({ kind: "FailedPreconditionError" });
    }
  });
});
