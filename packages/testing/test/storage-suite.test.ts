import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { MemoryStorage } from "@tfsaver/storage";
import { NodeStorage } from "@tfsaver/storage/node";
import {
  CountingStorage,
  FaultyStorage,
  MemoryObjectStorage,
  type StorageUnderTest,
  storageSuite,
} from "@tfsaver/testing";
import { describe, expect, it } from "vitest";

async function inMemory(root: string): Promise<StorageUnderTest> {
  const storage = new MemoryStorage();
  await storage.createDirectory(root);
  return { storage, root };
}

async function onDisk(fsync: boolean, place: (directory: string) => string): Promise<StorageUnderTest> {
  const directory = await mkdtemp(join(tmpdir(), "tfsaver-suite-"));
  const cleanup = () => rm(directory, { recursive: true, force: true });
  return { storage: new NodeStorage({ fsync }), root: place(directory), cleanup };
}

const subjects: Record<string, () => Promise<StorageUnderTest>> = {
  "MemoryStorage, absolute": () => inMemory("/root"),
  "MemoryStorage, relative": () => inMemory("root"),
  "MemoryStorage, its own root": async () => ({ storage: new MemoryStorage(), root: "/" }),
  "NodeStorage, absolute": () => onDisk(true, (directory) => directory),
  "NodeStorage, relative, no fsync": () => onDisk(false, (directory) => relative(process.cwd(), directory)),
  MemoryObjectStorage: async () => ({ storage: new MemoryObjectStorage(), root: "/" }),
  "MemoryObjectStorage, counted": async () => ({ storage: new CountingStorage(new MemoryObjectStorage()), root: "" }),
  CountingStorage: async () => {
    const { root, storage } = await inMemory("/root");
    return { root, storage: new CountingStorage(storage) };
  },
  "FaultyStorage without faults": async () => {
    const { root, storage } = await inMemory("/root");
    return { root, storage: new FaultyStorage(storage) };
  },
};

for (const [subject, create] of Object.entries(subjects)) {
  describe(subject, () => {
    for (const { name, run } of storageSuite(create)) it(name, run);
  });
}

describe("storageSuite", () => {
  it("creates a storage for every case and cleans up, even after a failure", async () => {
    let made = 0;
    let cleaned = 0;
    const cases = storageSuite(async () => {
      made++;
      const faulty = new FaultyStorage(new MemoryStorage(), { fail: () => true });
      return { storage: faulty, root: "/", cleanup: async () => void cleaned++ };
    });
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    for (const { run } of cases) await run().catch(() => undefined);
    expect([made, cleaned]).toEqual([cases.length, cases.length]);
  });
});
