import { ResourceExhaustedError } from "@tfsaver/core";
import { MemoryStorage, readFile, type Storage, writeFileAtomically } from "@tfsaver/storage";
import { CountingStorage, FaultyStorage } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";

/** Makes every call once. */
async function everything(storage: Storage): Promise<void> {
  const file = await storage.create("/a");
  await file.write([Uint8Array.of(1, 2), Uint8Array.of(3)]);
  await file.sync();
  await file.close();
  const reader = await storage.open("/a");
  await reader.readInto(0, [new Uint8Array(3)]);
  await reader.close();
  await storage.stat("/a");
  await storage.createDirectory("/d");
  await storage.rename("/a", "/d/b");
  await storage.list("/d");
  await storage.syncDirectory("/d");
  await storage.remove("/d/b");
  await storage.removeDirectory("/d");
}

describe("FaultyStorage", () => {
  it("counts operations without failing by default", async () => {
    const storage = new FaultyStorage(new MemoryStorage());
    await everything(storage);
    expect([storage.operations, storage.faults]).toEqual([14, 0]);
  });

  it("fails exactly the n-th operation, of any kind, deterministically", async () => {
    const messages: string[] = [];
    for (const fail of [...Array(14).keys(), ...Array(14).keys()].map((i) => i + 1)) {
      const storage = new FaultyStorage(new MemoryStorage(), { fail });
      const error: Error = await everything(storage).then(
        () => new Error("no fault"),
        (thrown) => thrown,
      );
      expect(error).toMatchObject({ kind: "UnknownError", path: expect.any(String) });
      expect([storage.operations, storage.faults]).toEqual([fail, 1]);
      messages.push(error.message);
    }
    expect(messages.slice(0, 3)).toEqual([
      "/a; Injected fault: create (operation 1)",
      "/a; Injected fault: write (operation 2)",
      "/a; Injected fault: sync (operation 3)",
    ]);
    expect(messages.slice(14)).toEqual(messages.slice(0, 14));
  });

  it("does not carry out a failing operation, but closes a file whose close fails", async () => {
    const inner = new CountingStorage(new MemoryStorage());
    const storage = new FaultyStorage(inner, { fail: ({ kind }) => kind === "close" || kind === "remove" });
    const file = await storage.create("/a");
    await expect(file.close()).rejects.toThrow("Injected fault: close");
    await expect(storage.remove("/a")).rejects.toThrow("Injected fault: remove");
    expect(inner.filesLeftOpen).toBe(0);
    expect(inner.count("remove")).toBe(0);
  });

  it.each([
    [0, []],
    [1, [1]],
    [2, [1, 2]],
    [3, [1, 2, 3]],
    [100, [1, 2, 3, 4]],
  ])("tears a write after %d bytes", async (tornBytes, left) => {
    const inner = new MemoryStorage();
    const storage = new FaultyStorage(inner, { fail: ({ kind }) => kind === "write", tornBytes });
    const file = await storage.create("/a");
    await expect(file.write([Uint8Array.of(1, 2), Uint8Array.of(3, 4)])).rejects.toThrow("Injected fault: write");
    await file.close();
    expect([...(await readFile(inner, "/a"))]).toEqual(left);
  });

  it("fails with the given error, and passes the operation to a function", async () => {
    const full = new ResourceExhaustedError("/a; No space left on device", { path: "/a" });
    const seen: unknown[] = [];
    const storage = new FaultyStorage(new MemoryStorage(), {
      fail: (operation, number) => {
        seen.push([number, operation.kind, operation.length]);
        return operation.kind === "write";
      },
      error: full,
    });
    await expect(writeFileAtomically(storage, "/a", new Uint8Array(7))).rejects.toBe(full);
    expect(seen).toEqual([
      [1, "create", undefined],
      [2, "write", 7],
      [3, "close", undefined],
      [4, "remove", undefined],
    ]);
    const byFunction = new FaultyStorage(new MemoryStorage(), {
      fail: 1,
      error: ({ path }, number) => new Error(`${path} ${number}`),
    });
    await expect(byFunction.stat("/x")).rejects.toThrow("/x 1");
  });
});
