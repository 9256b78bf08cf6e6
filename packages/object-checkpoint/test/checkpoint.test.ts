import { type Tensor, toTensor } from "@tfsaver/core";
import { Graph, PartitionedVariable } from "@tfsaver/graph";
import { HostSaveable, type HostSpec, HostVariable } from "@tfsaver/saver-builders";
import { MemoryStorage } from "@tfsaver/storage";
import { DelayedStorage, FaultyStorage } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";
import { rejection } from "../../../fixtures/rejection.js";
import { filesIn } from "../../../fixtures/storage-files.js";
import { AutoTrackable, Checkpoint } from "../src/index.js";
import { Named, Optimizer } from "./build-objects.js";

const variable = (value: number | number[] = 0, name = "v") => new HostVariable(value, { name });
const numbersOf = ({ value }: HostVariable) => Array.from(value.data as Float32Array);

describe("which objects are saved", () => {
  it("tracks own enumerable properties, items and entries that are objects of the graph, and no others", async () => {
    class Dense extends AutoTrackable {
      readonly units = 3;
      readonly kernel = variable(1);
      readonly #hidden = variable(2);

      get accessor() {
        return this.#hidden;
      }
    }
    class Plain {
      readonly kernel = variable(1);
    }
    const storage = new MemoryStorage();
    const model = {
      dense: new Dense(),
      plain: new Plain(),
      call: () => 0,
      tensor: toTensor([1]),
      list: [1, variable(3), "text", null],
      map: new Map<unknown, unknown>([
        ["v", variable(4)],
        [7, "no object"],
      ]),
    };
    await new Checkpoint({ model }, { storage }).write("ckpt");
    const blank = { dense: new Dense(), list: [0, variable()], map: new Map([["v", variable()]]) };
    (await new Checkpoint({ model: blank }, { storage }).read("ckpt")).assertConsumed();
    expect(numbersOf(blank.list[1] as HostVariable)).toEqual([3]);
    expect(numbersOf(blank.map.get("v") as HostVariable)).toEqual([4]);
  });

  it("matches by the names of edges, whatever the kind of the objects", async () => {
    const storage = new MemoryStorage();
    await new Checkpoint({ x: [variable(1), variable(2)] }, { storage }).write("ckpt");
    const x = { 0: variable(), 1: variable() };
    (await new Checkpoint({ x }, { storage }).read("ckpt")).assertConsumed();
    expect([numbersOf(x[0]), numbersOf(x[1])]).toEqual([[1], [2]]);
  });

  it.each([
    ["a number", 3],
    ["a text", "text"],
    ["null", null],
    ["a set", new Set()],
    ["an instance of a class that says nothing", new Date(0)],
    ["a tensor", toTensor([1])],
    ["a partitioned variable", PartitionedVariable.create([1, 2], { graph: new Graph(), name: "p", partitions: 2 })],
  ])("refuses %s as an argument", (_, value) => {
    expect(() => new Checkpoint({ x: value })).toThrow("`Checkpoint` was expecting x to be a trackable object");
    expect(() => new Checkpoint().track({ x: value })).toThrow("`Checkpoint` was expecting x to be a trackable object");
  });

  it("refuses names that are taken", () => {
    const root = { x: variable() };
    expect(() => new Checkpoint({ save_counter: variable() })).toThrow("'save_counter' is taken");
    expect(() => new Checkpoint({ x: variable() }, { root })).toThrow(
      "Cannot create a Checkpoint with keyword argument x if root.x already exists.",
    );
    expect(() => new Checkpoint({ root: variable() }, { root })).toThrow("'root' is taken");
    expect(new Checkpoint({ x: root.x }, { root }).trackableChildren().has("x")).toBe(false);
  });

  it("goes on counting in a counter of the root", async () => {
    const root = { save_counter: new HostVariable(4n, { name: "save_counter" }) };
    expect(await new Checkpoint({}, { root, storage: new MemoryStorage() }).save("ckpt")).toBe("ckpt-5");
    expect(() => new Checkpoint({}, { root: { save_counter: variable() } })).toThrow("must be a HostVariable of int64");
  });

  it("refuses a map with an object under a key that is not a string", async () => {
    const checkpoint = new Checkpoint({ x: new Map([[1, variable()]]) }, { storage: new MemoryStorage() });
    expect(await rejection(checkpoint.write("ckpt"))).toMatchObject({
      kind: "ValueError",
      message: expect.stringContaining("contains a non-string key"),
    });
  });

  it("refuses slot variables that are children too, or have children", async () => {
    const w = variable();
    const opt = new Optimizer(["m"]);
    const slot = opt.add(w, "m", variable());
    const storage = new MemoryStorage();
    expect(await rejection(new Checkpoint({ opt, slot, w }, { storage }).write("ckpt"))).toMatchObject({
      kind: "UnimplementedError",
      message: expect.stringContaining("A slot variable was re-used as a dependency of a Trackable object"),
    });
    const children = new Named(new Map([["x", variable()]]));
    opt.slots.get("m")?.set(w, children as unknown as HostVariable);
    expect(await rejection(new Checkpoint({ opt, w }, { storage }).write("ckpt"))).toMatchObject({
      message: expect.stringContaining("Currently only variables with no dependencies can be saved as slot variables"),
    });
  });

  it("saves a slot only if both its variable and its optimizer are there", async () => {
    const [w, z] = [variable(1), variable(2)];
    const opt = new Optimizer(["m"]);
    for (const of of [w, z]) opt.add(of, "m", variable(9));
    const storage = new MemoryStorage();
    await new Checkpoint({ w, opt }, { storage }).write("ckpt");
    const other = new Optimizer(["m"], {}, true);
    (await new Checkpoint({ w: variable(), z: variable(), opt: other }, { storage }).read("ckpt")).expectPartial();
    expect(other.slots.get("m")?.size).toBe(1);
  });

  it("saves a checkpoint inside of another one", async () => {
    const storage = new MemoryStorage();
    const inner = () => new Checkpoint({ v: variable(3) }, { storage });
    await new Checkpoint({ inner: inner() }, { storage }).write("ckpt");
    const v = variable();
    (await new Checkpoint({ inner: { v } }, { storage }).read("ckpt")).assertConsumed();
    expect(numbersOf(v)).toEqual([3]);
  });
});

describe("restores", () => {
  /** Writes a checkpoint of some values. */
  async function written(values: Record<string, number>, path = "ckpt", storage = new MemoryStorage()) {
    const children = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, variable(value)]));
    await new Checkpoint(children, { storage }).write(path);
    return storage;
  }

  it("throws TensorFlow's errors for a path without a checkpoint", async () => {
    const storage = new MemoryStorage();
    await storage.createDirectory("folder");
    const checkpoint = new Checkpoint({}, { storage });
    expect(await rejection(checkpoint.read("none"))).toMatchObject({ kind: "NotFoundError" });
    expect(await rejection(checkpoint.restore("none"))).toMatchObject({
      kind: "NotFoundError",
      message: expect.stringMatching(
        /^Error when restoring from checkpoint or SavedModel at none: .+\n.+You may be missing the checkpoint suffix/,
      ),
    });
    expect(checkpoint.trackableChildren().size).toBe(0);
  });

  it("finds the checkpoint of a SavedModel's folder", async () => {
    const storage = await written({ v: 3 }, "saved/variables/variables");
    await (await storage.create("saved/saved_model.pb")).close();
    const v = variable();
    await new Checkpoint({ v }, { storage }).restore("saved");
    expect(numbersOf(v)).toEqual([3]);
  });

  it("checks all values before the first one changes", async () => {
    const storage = await written({ a: 1, b: 2 });
    const [a, b] = [variable(8), variable([8, 8])];
    expect(await rejection(new Checkpoint({ a, b }, { storage }).read("ckpt"))).toMatchObject({ kind: "ValueError" });
    expect([numbersOf(a), numbersOf(b)]).toEqual([[8], [8, 8]]);
  });

  it("names an object that has no value of the wanted kind, and what is there instead", async () => {
    const storage = await written({ a: 1 });
    const a = new Named(new Map());
    Object.assign(a, { gatherSaveablesForCheckpoint: () => ({ table: variable(0, "table") }) });
    const error = await rejection(new Checkpoint({ a }, { storage }).read("ckpt"));
    expect(error).toMatchObject({ kind: "NotFoundError", tensor: "a/.ATTRIBUTES/table" });
    expect(error.message).toMatch(/^Key a\/.ATTRIBUTES\/table not found in checkpoint/);
    expect(error.message).toContain("Object: (root).a, here Named");
  });

  it("tells in assertions what is there instead", async () => {
    const storage = await written({ weights: 1 });
    const status = await new Checkpoint({ weight: variable() }, { storage }).read("ckpt");
    expect(() => status.assertExistingObjectsMatched()).toThrow(
      "Showing 1 of 1 unmatched objects: [(root).weight (HostVariable 'v')]\nIn the checkpoint, (root) has the children [weights].",
    );
    const empty = await new Checkpoint({ other: {} }, { storage }).read("ckpt");
    expect(() => empty.assertConsumed()).toThrow(
      "In the program, (root) has the children [other], and no 'weights' for it.",
    );
  });

  it("lets the newest restore win, also for objects that are added later", async () => {
    const storage = await written({ a: 1, b: 1, c: 1 }, "old");
    await written({ a: 2, b: 2 }, "new", storage);
    const checkpoint = new Checkpoint({ a: variable() }, { storage });
    await checkpoint.read("old");
    const status = await checkpoint.read("new");
    const [b, c] = [variable(), variable()];
    checkpoint.track({ b, c });
    await status.settled();
    const a = checkpoint.trackableChildren().get("a") as HostVariable;
    expect(numbersOf(a)).toEqual([2]);
    expect(numbersOf(b)).toEqual([2]);
    // The older one fills what the newer one has no value for.
    await expect.poll(() => numbersOf(c)).toEqual([1]);
  });

  it("lets the newest restore win, whichever of two is faster", async () => {
    const inner = await written({ a: 1 }, "old");
    await written({ a: 2 }, "new", inner);
    for (let seed = 0; seed < 20; seed++) {
      const a = variable();
      const checkpoint = new Checkpoint({ a }, { storage: new DelayedStorage(inner, { seed, turns: 20 }) });
      await Promise.all([checkpoint.read("old"), checkpoint.read("new")]);
      expect(numbersOf(a), `seed ${seed}`).toEqual([2]);
    }
  });

  it("does not save while restored values are on their way", async () => {
    const storage = await written({ a: 1, b: 2 });
    const a = variable();
    const checkpoint = new Checkpoint({ a }, { storage });
    const reading = checkpoint.read("ckpt");
    expect(await rejection(checkpoint.write("other"))).toMatchObject({ kind: "FailedPreconditionError" });
    const status = await reading;
    const b = variable();
    checkpoint.track({ b });
    expect(await rejection(checkpoint.save("other"))).toMatchObject({
      kind: "FailedPreconditionError",
      message: expect.stringContaining("await `status.settled()` first"),
    });
    await status.settled();
    expect(numbersOf(b)).toEqual([2]);
    expect(await checkpoint.save("other")).toBe("other-1");
  });

  it("finds objects that were added when it saves, and asks to wait for their values", async () => {
    const storage = await written({ a: 1, b: 2 });
    const model: Record<string, HostVariable> = { a: variable() };
    const checkpoint = new Checkpoint({}, { root: model, storage });
    const status = await checkpoint.read("ckpt");
    model.b = variable();
    expect(await rejection(checkpoint.write("other"))).toMatchObject({ kind: "FailedPreconditionError" });
    await status.settled();
    expect(numbersOf(model.b)).toEqual([2]);
    await checkpoint.write("other");
  });

  it("throws the error of a later object once: by settled, or by the next save", async () => {
    const storage = await written({ a: 1, b: 2 });
    for (const see of ["settled", "save"] as const) {
      const checkpoint = new Checkpoint({ a: variable() }, { storage });
      const status = await checkpoint.read("ckpt");
      const b = variable([7, 7]);
      checkpoint.track({ b });
      if (see === "settled") expect(await rejection(status.settled())).toMatchObject({ kind: "ValueError" });
      else await expect.poll(() => rejection(checkpoint.write("x"))).toMatchObject({ kind: "ValueError" });
      expect(numbersOf(b)).toEqual([7, 7]);
      await checkpoint.write("other");
    }
  });

  it("leaves an earlier restore as it is if a later one fails", async () => {
    const storage = await written({ a: 1, b: 2 });
    await written({ b: 3 }, "other", storage);
    const [a, b] = [variable(), variable([0, 0])];
    const checkpoint = new Checkpoint({ a }, { storage });
    const status = await checkpoint.read("ckpt");
    checkpoint.track({ c: b });
    await rejection(new Checkpoint({ b }, { storage }).read("other"));
    status.assertNontrivialMatch();
    checkpoint.track({ b: variable() });
    (await status.settled()).assertNontrivialMatch();
    expect(numbersOf(checkpoint.trackableChildren().get("b") as HostVariable)).toEqual([2]);
  });

  it("goes on counting from a checkpoint that was read, once the counter has its value", async () => {
    const storage = new MemoryStorage();
    const first = new Checkpoint({}, { storage });
    for (let i = 0; i < 3; i++) await first.save("ckpt");
    const checkpoint = new Checkpoint({}, { storage });
    const status = await checkpoint.read("ckpt-3");
    expect(await rejection(checkpoint.save("ckpt"))).toMatchObject({ kind: "FailedPreconditionError" });
    await status.settled();
    expect(await checkpoint.save("ckpt")).toBe("ckpt-4");
  });

  it("keeps the counter if one of two restores fails", async () => {
    const storage = new MemoryStorage();
    await new Checkpoint({}, { storage }).save("ckpt");
    const checkpoint = new Checkpoint({}, { storage });
    const outcomes = await Promise.allSettled([checkpoint.restore("none"), checkpoint.restore("ckpt-1")]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    expect(await checkpoint.save("ckpt")).toBe("ckpt-2");
  });

  it("gives a replaced object no value, and leaves values that were assigned since", async () => {
    const storage = await written({ a: 1 });
    const [first, second] = [variable(), variable(5)];
    const checkpoint = new Checkpoint({ a: first }, { storage });
    const status = await checkpoint.read("ckpt");
    first.assign(9);
    checkpoint.track({ a: second });
    await status.settled();
    expect([numbersOf(first), numbersOf(second)]).toEqual([[9], [5]]);
    expect(() => status.assertExistingObjectsMatched()).toThrow("Found 1 Python objects");
  });

  it("keeps no more in mind after 200 restores than after one", async () => {
    const storage = await written({ a: 1, later: 2 });
    const a = variable();
    const checkpoint = new Checkpoint({ a }, { storage });
    for (let i = 0; i < 200; i++) await checkpoint.read("ckpt");
    const reads: string[] = [];
    const open = storage.open.bind(storage);
    storage.open = (path) => {
      reads.push(path);
      return open(path);
    };
    const later = variable();
    checkpoint.track({ later });
    await expect.poll(() => numbersOf(later)).toEqual([2]);
    expect(reads.filter((path) => path.endsWith(".index"))).toHaveLength(1);
  });

  it("stops when its signal is aborted, and changes nothing", async () => {
    const inner = await written({ a: 1 });
    for (let n = 1; n <= 5; n++) {
      const abort = new AbortController();
      const storage = new FaultyStorage(inner, {
        fail: (_, number) => {
          if (number === n) abort.abort();
          return false;
        },
      });
      const a = variable(8);
      const result = await new Checkpoint({ a }, { storage })
        .read("ckpt", { signal: abort.signal })
        .catch((error) => error);
      if (result.kind === undefined) continue;
      expect(result).toMatchObject({ kind: "CancelledError" });
      expect(numbersOf(a)).toEqual([8]);
    }
  });

  it("says how far it is", async () => {
    const storage = await written({ a: 1, b: 2 });
    const seen: string[] = [];
    await new Checkpoint({ a: variable(), b: variable() }, { storage }).read("ckpt", {
      onProgress: ({ tensor }) => seen.push(tensor),
    });
    expect(seen.filter((name) => name.endsWith("VARIABLE_VALUE"))).toHaveLength(2);
  });
});

describe("saves", () => {
  it("creates the folders that are missing, also for an empty last part of the path", async () => {
    const storage = new MemoryStorage();
    const checkpoint = new Checkpoint({ v: variable(3) }, { storage });
    expect(await checkpoint.save("a/b/ckpt")).toBe("a/b/ckpt-1");
    expect(await checkpoint.write("c/")).toBe("c/");
    expect(await filesIn(storage, "c")).toEqual([".data-00000-of-00001", ".index"]);
    const v = variable();
    await new Checkpoint({ v }, { storage }).read("c/");
    expect(numbersOf(v)).toEqual([3]);
  });

  it.each([
    "experimentalIoDevice",
    "experimental_enable_async_checkpoint",
    "enableAsync",
    "experimental_write_callbacks",
    "experimentalShardingCallback",
    "experimentalSkipSlotVariables",
  ])("refuses TensorFlow's option %s, and says what to do", async (name) => {
    const checkpoint = new Checkpoint({}, { storage: new MemoryStorage() });
    for (const call of ["save", "write", "restore", "read"] as const) {
      const error = await rejection(checkpoint[call]("ckpt", { [name]: true } as object));
      expect(error).toMatchObject({ kind: "UnimplementedError", message: expect.stringContaining(`'${name}': `) });
    }
  });

  it("refuses unknown options and paths that are no text", async () => {
    const checkpoint = new Checkpoint({}, { storage: new MemoryStorage() });
    expect(await rejection(checkpoint.save("ckpt", { globalStep: 1 } as object))).toBeInstanceOf(TypeError);
    expect(await rejection(checkpoint.save(3 as unknown as string))).toBeInstanceOf(TypeError);
    expect(() => new Checkpoint({}, { maxToKeep: 1 } as object)).toThrow("Checkpoint has no option 'maxToKeep'");
  });

  it("holds a value that lies to its dtype and shape, before a byte is written", async () => {
    class Liar extends HostSaveable {
      override specs(name: string): HostSpec[] {
        const value = () => ({ dtype: "float32", shape: [2, 2], data: new Float32Array(3) }) as Tensor;
        return [{ name, dtype: "float32", shape: [2, 2], value }];
      }

      override restore() {}
    }
    const storage = new MemoryStorage();
    const checkpoint = new Checkpoint({ liar: new Liar("liar") }, { storage });
    expect(await rejection(checkpoint.write("ckpt"))).toMatchObject({
      kind: "InvalidArgumentError",
      tensor: "liar/.ATTRIBUTES/VARIABLE_VALUE",
    });
    expect(await filesIn(storage)).toEqual([]);
  });

  it("copies values within the call, and takes promised ones later", async () => {
    const storage = new MemoryStorage();
    const data = Float32Array.of(1, 2);
    class Promised extends HostSaveable {
      override specs(name: string): HostSpec[] {
        return [{ name, dtype: "float32", shape: [2], value: async () => toTensor(Float32Array.of(5, 6)) }];
      }

      override restore() {}
    }
    const now = new HostVariable(toTensor(data), { name: "now" });
    const saving = new Checkpoint({ now, promised: new Promised("p") }, { storage }).write("ckpt");
    data.fill(9);
    await saving;
    const [a, b] = [variable([0, 0]), variable([0, 0])];
    (await new Checkpoint({ now: a, promised: b }, { storage }).read("ckpt")).assertConsumed();
    expect([numbersOf(a), numbersOf(b)]).toEqual([
      [1, 2],
      [5, 6],
    ]);
  });

  it("counts a save that fails, as TensorFlow does", async () => {
    const inner = new MemoryStorage();
    let isBroken = true;
    const storage = new FaultyStorage(inner, { fail: ({ kind }) => isBroken && kind === "create" });
    const checkpoint = new Checkpoint({ v: variable() }, { storage, onWarning: () => undefined });
    await rejection(checkpoint.save("ckpt"));
    isBroken = false;
    expect(await checkpoint.save("ckpt")).toBe("ckpt-2");
  });
});
