import { MemoryStorage, readFile, type Storage, writeFileAtomically } from "@tfsaver/storage";
import { DelayedStorage, PowerLossStorage, storageSuite } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);

async function put(storage: Storage, path: string, text: string, flush: boolean): Promise<void> {
  const file = await storage.create(path);
  for (const part of text.split(" ")) await file.write([new TextEncoder().encode(part)]);
  if (flush) await file.sync();
  await file.close();
}

async function textsAfterPowerLoss(storage: PowerLossStorage, path: string): Promise<Set<string | undefined>> {
  const found = new Set<string | undefined>();
  for (const seed of SEEDS) {
    const left = await storage.afterPowerLoss(seed);
    const there = (await left.stat(path)) !== undefined;
    found.add(there ? new TextDecoder().decode(await readFile(left, path)).replaceAll("\0", "_") : undefined);
  }
  return found;
}

describe("PowerLossStorage", () => {
  it.each(
    storageSuite(async () => ({ storage: new PowerLossStorage(), root: "/" })).map(({ name, run }) => [name, run]),
  )("%s", (_, run) => run());

  it("keeps everything after a kill", async () => {
    const storage = new PowerLossStorage();
    await storage.createDirectory("/d");
    await put(storage, "/d/a", "ab cd", false);
    await storage.rename("/d/a", "/d/b");
    const left = await storage.afterKill();
    expect(new TextDecoder().decode(await readFile(left, "/d/b"))).toBe("abcd");
    expect(await left.stat("/d/a")).toBeUndefined();
  });

  it("guarantees only flushed bytes with flushed names", async () => {
    const storage = new PowerLossStorage();
    await storage.createDirectory("/d");
    await put(storage, "/d/a", "ab cd", true);
    await storage.syncDirectory("/d");
    // The name of the folder itself is not flushed.
    expect(await textsAfterPowerLoss(storage, "/d/a")).toEqual(new Set(["abcd", undefined]));
    await storage.syncDirectory("/");
    expect(await textsAfterPowerLoss(storage, "/d/a")).toEqual(new Set(["abcd"]));
    await storage.remove("/d/a");
    expect(await textsAfterPowerLoss(storage, "/d/a")).toEqual(new Set(["abcd", undefined]));
    await storage.syncDirectory("/d");
    expect(await textsAfterPowerLoss(storage, "/d/a")).toEqual(new Set([undefined]));
  });

  it("loses any part of the unflushed bytes, even the first while the last is kept", async () => {
    const storage = new PowerLossStorage();
    await put(storage, "/a", "ab cd", false);
    await storage.syncDirectory("/");
    const found = await textsAfterPowerLoss(storage, "/a");
    for (const text of ["", "abcd", "__cd", "abc"]) expect(found).toContain(text);
    expect(found).not.toContain(undefined);
  });

  it("keeps or loses a rename completely, in any order with others", async () => {
    const storage = new PowerLossStorage();
    for (const name of ["a", "b"]) await put(storage, `/${name}`, name, true);
    await storage.syncDirectory("/");
    await storage.rename("/a", "/a2");
    await storage.rename("/b", "/b2");
    const found = new Set<string>();
    for (const seed of SEEDS) {
      found.add(
        (await (await storage.afterPowerLoss(seed)).list("/"))
          .map(({ name }) => name)
          .sort()
          .join(" "),
      );
    }
    expect([...found].sort()).toEqual(["a b", "a b2", "a2 b", "a2 b2"]);
  });

  it("is deterministic for a seed, and calls onStep before every operation and in the middle of writes", async () => {
    const steps: string[] = [];
    const storage: PowerLossStorage = new PowerLossStorage({
      onStep: ({ kind }) => void steps.push(kind),
    });
    await writeFileAtomically(storage, "/a", Uint8Array.of(1, 2, 3));
    expect(steps).toEqual(["create", "write", "write", "sync", "close", "rename", "syncDirectory"]);
    await put(storage, "/b", "a b c d e f", false);
    for (const seed of [1, 2, 3]) {
      const [one, two] = await Promise.all([storage.afterPowerLoss(seed), storage.afterPowerLoss(seed)]);
      const contents = [one, two].map(async (left) =>
        (await left.stat("/b")) === undefined ? "gone" : String(await readFile(left, "/b")),
      );
      expect(await contents[0]).toBe(await contents[1]);
    }
  });
});

describe("DelayedStorage", () => {
  it("orders concurrent operations by its seed", async () => {
    const orderOf = async (seed: number) => {
      const storage = new DelayedStorage(new MemoryStorage(), { seed });
      const order: string[] = [];
      await Promise.all(
        ["a", "b", "c", "d"].map(async (name) => {
          await storage.stat(`/${name}`);
          order.push(name);
        }),
      );
      return order.join("");
    };
    const orders = await Promise.all([1, 2, 3, 4, 5, 6].map(orderOf));
    expect(new Set(orders).size).toBeGreaterThan(2);
    expect(await orderOf(1)).toBe(orders[0]);
  });
});
