import { MemoryStorage, readFile, writeFileAtomically } from "@tfsaver/storage";
import { CountingStorage } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";

describe("CountingStorage", () => {
  it("counts operations, files and bytes", async () => {
    const storage = new CountingStorage(new MemoryStorage());
    await writeFileAtomically(storage, "/a", new Uint8Array(100));
    await readFile(storage, "/a");
    const file = await storage.open("/a");
    await file.readInto(90, [new Uint8Array(10)]);
    await file.readInto(0, [new Uint8Array(5)]);
    expect(storage.filesLeftOpen).toBe(1);
    await file.close();
    expect(storage.filesLeftOpen).toBe(0);
    expect(storage.count("open")).toBe(2);
    expect(storage.filesOpened).toEqual(["/a", "/a"]);
    expect(storage.bytesWritten).toBe(100);
    expect(storage.bytesRead).toBe(115);
    expect(storage.rangesRead("/a")).toEqual([
      { offset: 0, length: 100 },
      { offset: 90, length: 10 },
      { offset: 0, length: 5 },
    ]);
    expect(storage.rangesRead("/b")).toEqual([]);
    expect(storage.count()).toBe(storage.operations.length);
    expect(storage.operations.find(({ kind }) => kind === "rename")).toMatchObject({ to: "/a" });
  });

  it("counts failed operations, and can be reset", async () => {
    const storage = new CountingStorage(new MemoryStorage());
    await expect(storage.open("/none")).rejects.toMatchObject({ kind: "NotFoundError" });
    expect(storage.count("open")).toBe(1);
    expect(storage.filesLeftOpen).toBe(0);
    storage.reset();
    expect(storage.count()).toBe(0);
  });
});
