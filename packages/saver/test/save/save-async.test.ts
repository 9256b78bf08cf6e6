import { getCheckpointState } from "@tfsaver/checkpoint-state";
import { asyncDispose } from "@tfsaver/core";
import { Graph, Variable } from "@tfsaver/graph";
import { keepLatest } from "@tfsaver/retention";
import { Saver, type SaverOptions } from "@tfsaver/saver";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage, type Storage } from "@tfsaver/storage";
import { DelayedStorage, FaultyStorage, InterceptedStorage, type StorageOperation } from "@tfsaver/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { errorOf } from "../model.js";

/** A storage whose operations wait while a gate is closed. */
class GatedStorage extends InterceptedStorage {
  readonly started: string[] = [];
  readonly #gates = new Map<string, Promise<void>>();
  readonly #opens = new Map<string, () => void>();

  /** Makes operations on paths that begin with a prefix wait. */
  hold(prefix: string): void {
    this.#gates.set(prefix, new Promise((resolve) => this.#opens.set(prefix, resolve)));
  }

  letGo(prefix: string): void {
    this.#opens.get(prefix)?.();
    this.#gates.delete(prefix);
  }

  protected override async intercept<T>({ kind, path }: StorageOperation, run: () => Promise<T>): Promise<T> {
    this.started.push(`${kind} ${path}`);
    for (const [prefix, gate] of this.#gates) if (path.startsWith(prefix)) await gate;
    return run();
  }
}

async function model(storage: Storage, options: SaverOptions = {}) {
  const graph = new Graph();
  const weights = Variable.create([0], { graph, name: "w" });
  const saver = new Saver({ graph, storage, onWarning: () => undefined, ...options });
  const session = new LocalSession(graph, { storage });
  await session.run(weights.initializer);
  const set = (value: number) => weights.load([value], session);
  const read = async (path: string) => {
    const fresh = new LocalSession(graph, { storage });
    await saver.restore(fresh, path);
    return (await fresh.run(weights)).data[0];
  };
  return { graph, saver, session, set, read };
}

/** Lets everything run that need not wait. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve));
}

let unhandled: unknown[] = [];
const note = (reason: unknown) => unhandled.push(reason);

beforeEach(() => {
  unhandled = [];
  globalThis.process?.on("unhandledRejection", note);
});

afterEach(async () => {
  await settle();
  globalThis.process?.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

describe("saveAsync", () => {
  it("resolves `staged` before a byte is written, and `committed` when the state file names the checkpoint", async () => {
    const storage = new GatedStorage(new MemoryStorage());
    const { saver, session, set, read } = await model(storage);
    await set(1);
    storage.hold("m");
    const { staged, committed } = saver.saveAsync(session, "m", { globalStep: 3 });
    expect(await staged).toEqual({ skipped: false });
    await set(2);
    await settle();
    expect(await getCheckpointState(".", { storage })).toBeUndefined();
    storage.letGo("m");
    expect(await committed).toBe("m-3");
    expect((await getCheckpointState(".", { storage }))?.modelCheckpointPath).toBe("./m-3");
    expect(await read("m-3")).toBe(1);
  });

  it("begins the next save when the one before has ended, with the values of its call", async () => {
    const storage = new GatedStorage(new MemoryStorage());
    const { saver, session, set, read } = await model(storage);
    storage.hold("a");
    await set(1);
    const first = saver.saveAsync(session, "a");
    await set(2);
    const second = saver.saveAsync(session, "b");
    await set(3);
    let begun = false;
    second.staged.then(() => {
      begun = true;
    });
    await first.staged;
    await settle();
    expect(begun).toBe(false);
    expect(storage.started.filter((name) => name.includes(" b"))).toEqual([]);
    storage.letGo("a");
    await second.staged;
    expect(await Promise.all([first.committed, second.committed])).toEqual(["a", "b"]);
    expect([await read("a"), await read("b")]).toEqual([1, 2]);
  });

  it("runs up to maxPending saves together, and makes them visible in the order of the calls", async () => {
    const storage = new GatedStorage(new MemoryStorage());
    const { saver, session } = await model(storage);
    storage.hold("a.data");
    const first = saver.saveAsync(session, "a", { maxPending: 2 });
    const second = saver.saveAsync(session, "b", { maxPending: 2 });
    expect(await second.staged).toEqual({ skipped: false });
    await settle();
    expect(storage.started.some((name) => name.startsWith("write b.data"))).toBe(true);
    expect(await storage.stat("b.index")).toBeUndefined();
    storage.letGo("a.data");
    expect(await Promise.all([first.committed, second.committed])).toEqual(["a", "b"]);
    expect(saver.lastCheckpoints).toEqual(["a", "b"]);
  });

  it.each([
    ["V2", {}],
    ["V2 in shards", { sharded: true }],
    ["V1", { writeVersion: 1 }],
    ["V1 in shards", { writeVersion: 1, sharded: true }],
  ])("never lets a later save overtake an earlier one, of the same path or another: %s", async (_, options) => {
    const attempt = async (seed: number) => {
      const inner = new MemoryStorage();
      const order: (string | undefined)[] = [];
      const { saver, session, set, read } = await model(new DelayedStorage(inner, { seed, turns: 1 }), {
        ...options,
        retention: keepLatest(3),
      });
      const paths = ["a", "b", "a", "a", "c"];
      const pending = [];
      for (const [i, path] of paths.entries()) {
        await set(i + 1);
        const save = saver.saveAsync(session, path, { maxPending: 1 + (seed % 3) });
        save.committed.then((saved) => order.push(saved?.slice(0, 1)));
        pending.push(save.committed);
      }
      const saved = await Promise.all(pending);
      expect(order).toEqual(paths);
      expect(saver.lastCheckpoints.map((path) => path.slice(0, 1))).toEqual(["b", "a", "c"]);
      expect(await Promise.all([1, 3, 4].map((i) => read(saved[i] as string)))).toEqual([2, 4, 5]);
    };
    // All at once: their delays overlap.
    await Promise.all(Array.from({ length: 6 }, (_, seed) => attempt(seed)));
  });

  it("skips a save instead of waiting, if told to", async () => {
    const storage = new GatedStorage(new MemoryStorage());
    const { saver, session } = await model(storage);
    storage.hold("m");
    const first = saver.saveAsync(session, "m", { globalStep: 1, whenBusy: "skip" });
    const second = saver.saveAsync(session, "m", { globalStep: 2, whenBusy: "skip" });
    expect(await second.staged).toEqual({ skipped: true });
    expect(await second.committed).toBeUndefined();
    expect(await first.staged).toEqual({ skipped: false });
    storage.letGo("m");
    expect(await first.committed).toBe("m-1");
    const third = saver.saveAsync(session, "m", { globalStep: 3, whenBusy: "skip" });
    expect(await third.staged).toEqual({ skipped: false });
    await saver.close();
    expect(saver.lastCheckpoints).toEqual(["m-1", "m-3"]);
  });

  it("takes back the save alone whose signal is aborted, under way or waiting", async () => {
    for (const waiting of [false, true]) {
      const storage = new GatedStorage(new MemoryStorage());
      const { saver, session } = await model(storage);
      const abort = new AbortController();
      storage.hold("a.data");
      const signals = waiting ? [undefined, abort.signal] : [abort.signal, undefined];
      const first = saver.saveAsync(session, "a", { signal: signals[0] });
      const second = saver.saveAsync(session, "b", { signal: signals[1] });
      await settle();
      abort.abort();
      await settle();
      storage.letGo("a.data");
      const [cancelled, other] = waiting ? [second, first] : [first, second];
      await expect(cancelled.committed).rejects.toMatchObject({ kind: "CancelledError" });
      expect(await other.committed).toBe(waiting ? "a" : "b");
      expect((await storage.list(".")).map(({ name }) => name[0]).sort()).not.toContain(waiting ? "b" : "a");
    }
  });

  it("rejects wrong arguments at once, without a promise", async () => {
    const { saver, session } = await model(new MemoryStorage());
    const call = (options: object) => errorOf(() => saver.saveAsync(session, "m", options));
    expect((await call({ maxPending: 0 })).message).toBe("maxPending must be a whole number from 1 on, not 0");
    expect((await call({ whenBusy: "fail" })).message).toBe('whenBusy must be "wait" or "skip", not fail');
    expect((await call({ whenbusy: "skip" })).message).toContain("Saver.saveAsync has no option 'whenbusy'");
    expect(await errorOf(() => saver.saveAsync({} as LocalSession, "m"))).toBeInstanceOf(TypeError);
    expect(await saver.save(session, "m")).toBe("m");
  });

  it("names the options that belong to it alone if they are passed to save", async () => {
    const { saver, session } = await model(new MemoryStorage());
    expect((await errorOf(() => saver.save(session, "m", { maxPending: 2 } as object))).message).toContain(
      "Saver.save has no option 'maxPending'",
    );
  });
});

describe("the error of a save in the background", () => {
  const isData = ({ kind, path }: StorageOperation) => kind === "write" && path.startsWith("bad");
  const failing = () => new FaultyStorage(new MemoryStorage(), { fail: isData, error: new Error("disk is on fire") });

  it("is thrown by the next saveAsync if nobody has looked", async () => {
    const { saver, session } = await model(failing());
    await saver.saveAsync(session, "bad").staged;
    await settle();
    expect((await errorOf(() => saver.saveAsync(session, "good"))).message).toContain("disk is on fire");
    expect(await saver.saveAsync(session, "good").committed).toBe("good");
    await saver.close();
  });

  it("is thrown by the next save", async () => {
    const { saver, session } = await model(failing());
    saver.saveAsync(session, "bad");
    await settle();
    await expect(saver.save(session, "good")).rejects.toThrow("disk is on fire");
    expect(await saver.save(session, "good")).toBe("good");
  });

  it("is thrown by close, which waits for it", async () => {
    const { saver, session } = await model(failing());
    saver.saveAsync(session, "bad");
    await expect(saver.close()).rejects.toThrow("disk is on fire");
    await saver.close();
  });

  it("comes with the others if several saves failed", async () => {
    const { saver, session } = await model(failing());
    for (const path of ["bad1", "bad2"]) saver.saveAsync(session, path);
    const error = (await errorOf(() => saver.close())) as AggregateError;
    expect(error).toBeInstanceOf(AggregateError);
    expect(error.errors).toHaveLength(2);
    expect(error.message).toMatch(/^2 saves failed: .*disk is on fire[\s\S]*; .*disk is on fire/);
  });

  it.each([
    ["then", (promise: Promise<unknown>) => promise.then(undefined, () => undefined)],
    ["catch", (promise: Promise<unknown>) => promise.catch(() => undefined)],
    ["await", async (promise: Promise<unknown>) => errorOf(async () => await promise)],
    ["Promise.allSettled", (promise: Promise<unknown>) => Promise.allSettled([promise])],
  ])("counts as handled once %s was used on it, before or after the failure", async (_, look) => {
    for (const late of [false, true]) {
      const { saver, session } = await model(failing());
      const { committed } = saver.saveAsync(session, "bad");
      if (late) await settle();
      await look(committed);
      await settle();
      expect(await saver.save(session, "good")).toBe("good");
      await saver.close();
    }
  });

  it("does not keep the next save from its values", async () => {
    const { saver, session, set, read } = await model(failing());
    await set(1);
    const first = saver.saveAsync(session, "bad");
    const failure = errorOf(() => first.committed);
    await set(2);
    const second = saver.saveAsync(session, "good");
    await set(3);
    expect((await failure).message).toContain("disk is on fire");
    expect(await second.committed).toBe("good");
    expect(await read("good")).toBe(2);
  });

  it("is not thrown again for a save that was cancelled on purpose", async () => {
    const { saver, session } = await model(new MemoryStorage());
    const abort = new AbortController();
    saver.saveAsync(session, "m", { signal: abort.signal });
    abort.abort();
    await saver.close();
    expect(saver.lastCheckpoints).toEqual([]);
  });
});

describe("close", () => {
  it("waits for the saves under way, and refuses later ones", async () => {
    const { saver, session } = await model(new DelayedStorage(new MemoryStorage(), { seed: 1 }));
    saver.saveAsync(session, "a");
    saver.saveAsync(session, "b");
    await saver.close();
    expect(saver.lastCheckpoints).toEqual(["a", "b"]);
    expect((await errorOf(() => saver.save(session, "c"))).message).toBe(
      "This saver is closed: make another one to save",
    );
  });

  it("is what `await using` calls", async () => {
    const { saver, session } = await model(new MemoryStorage());
    saver.saveAsync(session, "a");
    await saver[asyncDispose]();
    expect(saver.lastCheckpoints).toEqual(["a"]);
  });
});

describe("a loop of runs beside a save", () => {
  it.each([
    ["save", (saver: Saver, session: LocalSession) => saver.save(session, "m")],
    ["saveAsync", (saver: Saver, session: LocalSession) => saver.saveAsync(session, "m").committed],
  ])("does not starve it, though it awaits nothing else: %s", async (_, save) => {
    // Each operation waits for a timer, as one on a disk waits for the disk.
    const { saver, session, set } = await model(new DelayedStorage(new MemoryStorage(), { seed: 2, turns: 1 }));
    let isSaving = true;
    const saving = save(saver, session).finally(() => {
      isSaving = false;
    });
    const deadline = performance.now() + 20_000;
    while (isSaving && performance.now() < deadline) await set(1);
    expect(isSaving).toBe(false);
    await saving;
  });
});
