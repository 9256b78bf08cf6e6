import { makeTensor, type Tensor, toTensor } from "@tfsaver/core";
import { type Feeds, Graph, type Output, Variable } from "@tfsaver/graph";
import { Saver, type SaverOptions } from "@tfsaver/saver";
import { HostSaveable, type HostSpec, HostVariable } from "@tfsaver/saver-builders";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage, type Storage } from "@tfsaver/storage";
import { DelayedStorage, InterceptedStorage, type StorageOperation } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { isTried } from "../../../../tests/thorough.js";
import { errorOf } from "../model.js";

const DEVICES = 4;
const PER_DEVICE = 4;

/** Values that all derive from one number, so that a mixture of two saves shows. */
interface Subject {
  readonly saver: Saver;
  readonly session: LocalSession | null;
  /** Gives all values another number: through operations, or in place. */
  change(number: number): unknown;
  /** Restores a checkpoint, and returns the numbers that it holds. */
  numbersIn(path: string): Promise<number[]>;
}

const SIZE = 300;

const filled = (number: number) => makeTensor("float32", [SIZE], new Float32Array(SIZE).fill(number));

function numbersOf(tensors: readonly Tensor[]): number[] {
  return [...new Set(tensors.flatMap(({ data }) => [...(data as Float32Array)]))];
}

interface Layout {
  readonly useResource?: boolean;
  /** True if each variable is one of the slices of a partitioned one. */
  readonly partitioned?: boolean;
}

async function graphSubject(storage: Storage, options: SaverOptions, layout: Layout): Promise<Subject> {
  const graph = new Graph();
  const count = DEVICES * PER_DEVICE;
  const variables = Array.from({ length: count }, (_, i) =>
    graph.withDevice(`/job:ps/task:${i % DEVICES}`, () => {
      const { useResource = false, partitioned } = layout;
      const info = { fullName: "p", fullShape: [count * SIZE], varOffset: [i * SIZE], varShape: [SIZE] };
      return Variable.create(new Float32Array(SIZE), {
        ...{ graph, name: `v${i}`, useResource },
        ...(partitioned ? { saveSliceInfo: info } : {}),
      });
    }),
  );
  const saver = new Saver({ graph, storage, onWarning: () => undefined, ...options });
  const session = new LocalSession(graph, { storage });
  const initializers = variables.map(({ initializer }) => initializer);
  const feeds = (number: number): Feeds =>
    new Map(variables.map(({ initialValue }) => [initialValue as Output, filled(number)]));
  await session.run(initializers);
  return {
    saver,
    session,
    change: (number) => session.run(initializers, feeds(number)),
    numbersIn: async (path) => {
      const fresh = new LocalSession(graph, { storage });
      await saver.restore(fresh, path);
      return numbersOf((await fresh.run(variables.map(({ snapshot }) => snapshot))) as Tensor[]);
    },
  };
}

async function eagerSubject(storage: Storage, options: SaverOptions): Promise<Subject> {
  const hosts = Array.from({ length: 8 }, (_, i) => new HostVariable(filled(0), { name: `v${i}` }));
  const eager = (graph: Graph) => new LocalSession(graph, { storage });
  const saver = new Saver({ varList: hosts, eager, storage, onWarning: () => undefined, ...options });
  return {
    saver,
    session: null,
    // In place, as a training loop in plain TypeScript does.
    change: (number) => hosts.map(({ value }) => (value.data as Float32Array).fill(number)),
    numbersIn: async (path) => {
      await saver.restore(null, path);
      return numbersOf(hosts.map(({ value }) => value));
    },
  };
}

const inGraph =
  (options: SaverOptions, layout: Layout = {}) =>
  (storage: Storage) =>
    graphSubject(storage, options, layout);

const V1 = { writeVersion: 1 } as const;
const sharded = { sharded: true } as const;

const subjects: readonly (readonly [name: string, make: (storage: Storage) => Promise<Subject>])[] = [
  ["V2", inGraph({})],
  ["V2 of resource variables", inGraph({}, { useResource: true })],
  ["V2 of a partitioned variable", inGraph({}, { partitioned: true })],
  ["V2 in shards", inGraph(sharded)],
  ["V2 in shards of resource variables", inGraph(sharded, { useResource: true })],
  ["V2 in shards of a partitioned variable", inGraph(sharded, { partitioned: true })],
  ["V1", inGraph(V1)],
  ["V1 of a partitioned variable", inGraph(V1, { partitioned: true })],
  ["V1 in shards", inGraph({ ...V1, ...sharded })],
  ["V1 in shards of a partitioned variable", inGraph({ ...V1, ...sharded }, { partitioned: true })],
  ["V2, eager", (storage) => eagerSubject(storage, {})],
  ["V1, eager", (storage) => eagerSubject(storage, V1)],
];

/** Calls a function before the n-th operation. */
class ActingStorage extends InterceptedStorage {
  operations = 0;

  constructor(
    inner: Storage,
    private readonly act: (number: number) => unknown,
  ) {
    super(inner);
  }

  protected override async intercept<T>(_: StorageOperation, run: () => Promise<T>): Promise<T> {
    await this.act(++this.operations);
    return run();
  }
}

describe.each(subjects)("%s", (_, make) => {
  it("holds the values of the call, at whatever moment of the save they change", async () => {
    const attempt = async (moment: number) => {
      let [subject, isSaving]: [Subject | undefined, boolean] = [undefined, false];
      const storage: ActingStorage = new ActingStorage(new MemoryStorage(), (number) =>
        isSaving && number === moment ? subject?.change(2) : undefined,
      );
      subject = await make(storage);
      await subject.change(1);
      isSaving = true;
      const saving = subject.saver.save(subject.session, "m");
      if (moment === 0) await subject.change(2);
      const path = (await saving) as string;
      isSaving = false;
      expect(await subject.numbersIn(path), `changed before operation ${moment}`).toEqual([1]);
      return storage.operations;
    };
    const operations = await attempt(0);
    expect(operations).toBeGreaterThan(10);
    for (let moment = 1; moment <= operations; moment++) if (isTried(moment, 4)) await attempt(moment);
  });

  it("holds the values of the call while they change all the time", async () => {
    const storage = new DelayedStorage(new MemoryStorage(), { seed: 3, turns: 1 });
    const subject = await make(storage);
    for (let save = 1; save <= 2; save++) {
      await subject.change(save * 1000);
      let isSaving = true;
      const saving = subject.saver.save(subject.session, "m", { globalStep: save }).finally(() => {
        isSaving = false;
      });
      for (let n = 1; isSaving; n++) {
        await subject.change(save * 1000 + n);
        if (subject.session === null) await new Promise((resolve) => setTimeout(resolve));
      }
      expect(await subject.numbersIn((await saving) as string)).toEqual([save * 1000]);
    }
  });
});

it("is taken before the lock is awaited", async () => {
  const storage = new MemoryStorage();
  const [first, second] = [await graphSubject(storage, {}, {}), await graphSubject(storage, {}, {})];
  await first.change(1);
  await second.change(2);
  const saving = Promise.all([first, second].map(({ saver, session }) => saver.save(session, "m")));
  await second.change(3);
  await saving;
  expect([[1], [2]]).toContainEqual(await first.numbersIn("m"));
});

it("holds the step number of the call", async () => {
  const storage = new MemoryStorage();
  const graph = new Graph();
  const step = Variable.create(toTensor(7, "int64"), { graph, name: "step" });
  const saver = new Saver({ graph, storage });
  const session = new LocalSession(graph, { storage });
  await session.run(step.initializer);
  const saving = saver.save(session, "m", { globalStep: step });
  await step.load(8n, session);
  expect(await saving).toBe("m-7");
});

it("goes on after the session is closed", async () => {
  const { saver, session, change, numbersIn } = await graphSubject(new MemoryStorage(), sharded, {});
  await change(5);
  const saving = saver.save(session, "m");
  await session?.close();
  expect(await numbersIn((await saving) as string)).toEqual([5]);
});

it("does not take on a value that came after the call", async () => {
  const graph = new Graph();
  const late = Variable.create([1], { graph, name: "late" });
  const storage = new MemoryStorage();
  const session = new LocalSession(graph, { storage });
  const saving = errorOf(() => new Saver({ graph, storage }).save(session, "m"));
  await session.run(late.initializer);
  expect(await saving).toMatchObject({ kind: "FailedPreconditionError" });
});

describe("an eager saver", () => {
  const eagerly = (storage: Storage) => (graph: Graph) => new LocalSession(graph, { storage });

  /** A value that comes later. */
  class Remote extends HostSaveable {
    calls = 0;
    resolve: (value: Tensor) => void = () => undefined;

    override specs(name: string): HostSpec[] {
      const value = () => {
        this.calls++;
        return new Promise<Tensor>((resolve) => {
          this.resolve = resolve;
        });
      };
      return [{ name, dtype: "float32", shape: [SIZE], value }];
    }

    override restore(): void {}
  }

  it("asks for values within the call, and waits for promised ones", async () => {
    const storage = new MemoryStorage();
    const remote = new Remote("remote");
    const saver = new Saver({ varList: [remote], eager: eagerly(storage), storage });
    const { staged, committed } = saver.saveAsync(null, "m");
    expect(remote.calls).toBe(1);
    let isStaged = false;
    staged.then(() => {
      isStaged = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(isStaged).toBe(false);
    const value = filled(4);
    remote.resolve(value);
    await staged;
    (value.data as Float32Array).fill(9);
    await committed;
    const read = new HostVariable(filled(0), { name: "remote" });
    await new Saver({ varList: [read], eager: eagerly(storage), storage }).restore(null, "m");
    expect(numbersOf([read.value])).toEqual([4]);
  });

  it("rejects both promises if a promised value does not come", async () => {
    class Unreachable extends Remote {
      override specs(name: string): HostSpec[] {
        return [{ name, dtype: "float32", shape: [1], value: () => Promise.reject(new Error("device lost")) }];
      }
    }
    const storage = new MemoryStorage();
    const saver = new Saver({ varList: [new Unreachable("u")], eager: eagerly(storage), storage });
    const { staged, committed } = saver.saveAsync(null, "m");
    await expect(staged).rejects.toThrow("device lost");
    await expect(committed).rejects.toThrow("device lost");
    await saver.close();
    expect(await storage.stat("m.index")).toBeUndefined();
  });

  it("copies no array that it is given", async () => {
    const variable = new HostVariable(filled(1), { name: "v" });
    const seen: (ArrayBufferLike | undefined)[] = [];
    class WatchedStorage extends InterceptedStorage {
      protected override intercept<T>(_: StorageOperation, run: () => Promise<T>): Promise<T> {
        return run();
      }

      protected override async interceptWrite(
        ...[operation, file, chunks]: Parameters<InterceptedStorage["interceptWrite"]>
      ): Promise<void> {
        if (operation.path.includes(".data-")) for (const { buffer } of chunks) seen.push(buffer);
        await file.write(chunks);
      }
    }
    const big = new HostVariable(makeTensor("float32", [4096], new Float32Array(4096)), { name: "big" });
    const storage = new WatchedStorage(new MemoryStorage());
    const options = { varList: [variable, big], eager: eagerly(storage), storage };
    const memory = (big.value.data as Float32Array).buffer;
    await new Saver({ ...options, ownership: "given" }).save(null, "given");
    expect(seen).toContain(memory);
    seen.length = 0;
    await new Saver(options).save(null, "copied");
    expect(seen).not.toContain(memory);
  });

  it("says who may have an ownership, and which ones there are", async () => {
    const varList = [new HostVariable([1], { name: "v" })];
    const eager = eagerly(new MemoryStorage());
    const make = (options: object) => errorOf(() => new Saver(options as SaverOptions));
    expect((await make({ varList, eager, ownership: "lent" })).message).toBe(
      'ownership must be "copied" or "given", not lent',
    );
    const graph = new Graph();
    Variable.create([1], { graph, name: "v" });
    expect((await make({ graph, ownership: "given" })).message).toContain("`ownership` is for an eager saver");
  });
});
