import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import { makeTensor, type Tensor } from "@tfsaver/core";
import {
  attr,
  constant,
  Graph,
  type Operation,
  type Output,
  placeholder,
  type Session,
  type SessionSnapshot,
} from "@tfsaver/graph";
import { MemoryStorage, type ReadableFile, type WritableFile } from "@tfsaver/storage";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isThorough, seedOfCommit } from "../../../tests/thorough.js";
import { type KernelCall, LocalSession, type LocalSessionOptions, type LocalVariable } from "../src/index.js";
import { assign, handle, operation, read, variable } from "./graphs.js";

/** Elements of each variable: the fewest whose memory is used again. */
const LONG = 16384;
const NAMES = ["a", "b", "c", "d"] as const;
const CHECKPOINTS = [1, 2, 3] as const;

const filled = (value: number) => makeTensor("float32", [LONG], new Float32Array(LONG).fill(value));
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Works in steps, with other work in between, and counts memory that it fills a second time. */
class SlowStorage extends MemoryStorage {
  readonly #filled = new WeakSet<ArrayBufferLike>();
  /** Number of large buffers that were filled a second time. */
  reused = 0;

  override async open(path: string): Promise<ReadableFile> {
    const file = await super.open(path);
    return {
      path,
      size: file.size,
      readInto: async (offset, targets, options) => {
        let at = offset;
        for (const target of targets) {
          this.#note(target.buffer);
          const half = target.length >> 1;
          await file.readInto(at, [target.subarray(0, half)], options);
          await turn();
          await file.readInto(at + half, [target.subarray(half)], options);
          at += target.length;
        }
      },
      close: () => file.close(),
    };
  }

  override async create(path: string): Promise<WritableFile> {
    for (let i = 0; i < 10; i++) await turn();
    const file = await super.create(path);
    const write = async (chunks: readonly Uint8Array[]) => {
      await turn();
      await file.write(chunks);
    };
    return { path, write, sync: () => file.sync(), close: () => file.close() };
  }

  #note(memory: ArrayBufferLike): void {
    if (memory.byteLength < LONG * 4) return;
    if (this.#filled.has(memory)) this.reused++;
    this.#filled.add(memory);
  }
}

/** Writes checkpoints `1`, `2`, …; the values of tensor i of checkpoint n are 100 n + i. */
async function checkpoints(storage: MemoryStorage): Promise<void> {
  for (const n of CHECKPOINTS) {
    const writer = new BundleWriter(String(n), { storage });
    for (const [i, name] of NAMES.entries()) await writer.add(name, filled(100 * n + i));
    await writer.finish();
  }
}

const only = (op: Operation) => op.outputs[0] as Output;

/** A graph of variables of both kinds, with everything that can be done to them. */
class Model {
  readonly graph = new Graph();
  readonly storage = new SlowStorage();
  readonly session: LocalSession;
  /** Tensors that a kernel saw and keeps, and variables that it can read at any time. */
  readonly seen: Tensor[] = [];
  readonly seenVariables: LocalVariable[] = [];
  readonly prefix = placeholder("string", { graph: this.graph, shape: [], name: "prefix" });
  readonly references: readonly Output[];
  readonly values: readonly Output[];
  #names = 0;

  constructor(options: LocalSessionOptions = {}) {
    const { graph } = this;
    this.references = NAMES.map((name, i) =>
      i % 2 === 0 ? handle(graph, name, "float32", [LONG]) : variable(graph, name, "float32", [LONG]),
    );
    this.values = this.references.map((ref, i) => (i % 2 === 0 ? read(graph, ref, "float32", `read${i}`) : ref));
    this.session = new LocalSession(graph, {
      storage: this.storage,
      kernels: {
        // Types with an output, whose own kernels are replaced.
        Neg: (call) => this.#see(call),
        OnesLike: (call) => this.#late(call),
        SeeVariable: (call) => this.#seeVariable(call),
      },
      ...options,
    });
  }

  static async start(options?: LocalSessionOptions): Promise<Model> {
    const model = new Model(options);
    await checkpoints(model.storage);
    return model;
  }

  name(): string {
    return `op${this.#names++}`;
  }

  op(type: string, inputs: readonly Output[]): Operation {
    return operation(type, this.name(), inputs);
  }

  /** Assigns a value to variable i. */
  assign(i: number, value: Output): Operation {
    const ref = this.references[i] as Output;
    if (i % 2 === 1) return assign(ref, value, this.name());
    return operation("AssignVariableOp", this.name(), [ref, value]);
  }

  /** Reads tensors of the checkpoint that is fed. */
  restored(...names: readonly string[]): readonly Output[] {
    const strings = (texts: readonly string[]) => constant(texts as string[], { graph: this.graph, dtype: "string" });
    const inputs = [this.prefix, strings(names), strings(names.map(() => ""))];
    const attrs = { dtypes: attr.types(names.map(() => "float32" as const)) };
    return this.graph.createOperation("RestoreV2", { name: this.name(), inputs, attrs }).outputs;
  }

  save(): Operation {
    const strings = (texts: readonly string[]) => constant(texts as string[], { graph: this.graph, dtype: "string" });
    const inputs = [this.prefix, strings([...NAMES]), strings(NAMES.map(() => "")), ...this.values];
    const attrs = { dtypes: attr.types(NAMES.map(() => "float32" as const)) };
    return this.graph.createOperation("SaveV2", { name: this.name(), inputs, attrs });
  }

  restoreAll(): readonly Operation[] {
    return this.restored(...NAMES).map((value, i) => this.assign(i, value));
  }

  run(fetches: readonly (Operation | Output)[], prefix: number | string = 1): Promise<(Tensor | null)[]> {
    return this.session.run(fetches, new Map([[this.prefix, String(prefix)]]));
  }

  #see(call: KernelCall): Tensor {
    this.seen.push(call.input(0));
    return call.input(0);
  }

  async #late(call: KernelCall): Promise<Tensor> {
    await turn();
    const value = call.input(0);
    this.seen.push(value);
    await turn();
    return value;
  }

  #seeVariable(call: KernelCall): void {
    this.seenVariables.push(call.variable(0));
  }
}

/** Restores checkpoints 1 and 2, so that a third restore could use the memory of the first. */
async function restoredTwice(options?: LocalSessionOptions) {
  const model = await Model.start(options);
  const restore = model.restoreAll();
  await model.run(restore, 1);
  return { model, restore };
}

describe("the memory of a replaced value", () => {
  test("serves the next restore", async () => {
    const { model, restore } = await restoredTwice();
    await model.run(restore, 2);
    expect(model.storage.reused).toBe(0);
    await model.run(restore, 3);
    expect(model.storage.reused).toBe(NAMES.length);
    const values = await model.run(model.values);
    expect(values.map((value) => (value as Tensor).data[LONG - 1])).toEqual([300, 301, 302, 303]);
  });

  test("serves no restore with reuseMemory: false, after trim, and in another session", async () => {
    const off = await restoredTwice({ reuseMemory: false });
    for (const n of [2, 3, 1]) await off.model.run(off.restore, n);
    expect(off.model.storage.reused).toBe(0);
    const { model, restore } = await restoredTwice();
    await model.run(restore, 2);
    model.session.trim();
    await model.run(restore, 3);
    expect(model.storage.reused).toBe(0);
    await model.session.close();
    const next = new LocalSession(model.graph, { storage: model.storage });
    await next.run(restore, new Map([[model.prefix, "1"]]));
    expect(model.storage.reused).toBe(0);
  });

  test("is kept for no more bytes than the variables have", async () => {
    const { model, restore } = await restoredTwice();
    await model.run(restore, 2);
    for (let i = 0; i < NAMES.length; i++)
      await model.run([model.assign(i, constant(filled(i), { graph: model.graph }))]);
    // Both restores left memory, but one of them is as much as the variables take.
    await model.run(restore, 3);
    expect(model.storage.reused).toBe(NAMES.length);
    await model.run(restore, 1);
    expect(model.storage.reused).toBe(NAMES.length);
  });

  test("is given up when a restore fails, which changes no variable", async () => {
    const { model, restore } = await restoredTwice();
    await model.run(restore, 2);
    const data = await model.storage.open("3.data-00000-of-00001");
    const bytes = new Uint8Array(data.size);
    await data.readInto(0, [bytes]);
    bytes[bytes.length - 1] = 7;
    await model.storage.create("3.data-00000-of-00001").then(async (file) => {
      await file.write([bytes]);
      await file.close();
    });
    await expect(model.run(restore, 3)).rejects.toMatchObject({ kind: "DataLossError" });
    const values = await model.run(model.values);
    expect(values.map((value) => (value as Tensor).data[0])).toEqual([200, 201, 202, 203]);
  });

  test.each<[string, (model: Model) => Promise<unknown>]>([
    ["a kernel of the user", (model) => model.run([model.op("Neg", [model.values[0] as Output])])],
    [
      "a reshaped value",
      async (model) => {
        const shape = constant(Int32Array.of(LONG), { graph: model.graph });
        return model.run([model.assign(1, only(model.op("Reshape", [model.values[0] as Output, shape])))]);
      },
    ],
    [
      "another variable",
      (model) => model.run([model.assign(1, only(model.op("Identity", [model.values[0] as Output])))]),
    ],
    [
      "a kernel that keeps the variable",
      (model) => {
        const attrs = { dtype: attr.type("float32") };
        return model.run([
          model.graph.createOperation("SeeVariable", { inputs: [model.references[0] as Output], attrs }),
        ]);
      },
    ],
  ])("serves no restore if it is that of %s too", async (_, pass) => {
    const model = await Model.start();
    const [first] = model.restored("a");
    const restore = [model.assign(0, first as Output)];
    await model.run(restore, 1);
    await pass(model);
    for (const n of [2, 3]) await model.run(restore, n);
    // What was restored in between may be used again, but not what was passed on.
    expect(model.seen.every(({ data }) => data[0] === 100)).toBe(true);
    const [b] = await model.run([model.values[1] as Output]).catch(() => [null]);
    if (b) expect(b.data[LONG - 1]).toBe(100);
    expect(model.storage.reused).toBe(0);
  });

  test("serves no restore while a snapshot, a save or a run holds it", async () => {
    const { model, restore } = await restoredTwice();
    const snapshot = model.session.snapshot();
    await model.run(restore, 2);
    await model.run(restore, 3);
    expect(model.storage.reused).toBe(0);
    const [value] = await snapshot.run([model.values[0] as Output]);
    expect((value as Tensor).data[LONG - 1]).toBe(100);
    snapshot.close();
    await expect(snapshot.run([model.values[0] as Output])).rejects.toThrow("closed snapshot");
    await model.run(restore, 1);
    expect(model.storage.reused).toBe(NAMES.length);
  });
});

/** A step of a random session: an action, on variables, with a checkpoint, awaited or not. */
const steps = fc.array(
  fc.record({
    action: fc.constantFrom(
      ...["restoreAll", "restoreAll", "restoreOne", "restoreTwo", "restoreReshaped", "restoreAndCopy", "fetchRestored"],
      ...[
        "copy",
        "swap",
        "constant",
        "add",
        "see",
        "seeVariable",
        "late",
        "fetch",
        "save",
        "saveInBackground",
        "snapshot",
        "closeSnapshot",
        "trim",
      ],
    ),
    i: fc.nat(NAMES.length - 1),
    j: fc.nat(NAMES.length - 1),
    checkpoint: fc.constantFrom(...CHECKPOINTS),
    isAwaited: fc.boolean(),
  }),
  { minLength: 5, maxLength: 40 },
);

type Step = typeof steps extends fc.Arbitrary<readonly (infer T)[]> ? T : never;

/** Plays the steps of a random session, and remembers the value of every tensor that anyone holds. */
class Play {
  readonly #held = new Map<Tensor, number>();
  readonly #pending: Promise<unknown>[] = [];
  readonly #snapshots: { snapshot: SessionSnapshot; expected: Promise<readonly (Tensor | null)[]> }[] = [];
  #saves = 0;

  constructor(private readonly model: Model) {}

  async step({ action, i, j, checkpoint, isAwaited }: Step): Promise<void> {
    const { model } = this;
    const done = this.#start(action, i, j, checkpoint).then((tensors) => {
      for (const tensor of tensors) if (tensor !== null) this.#hold(tensor);
    });
    this.#pending.push(done);
    if (isAwaited) await done;
    else await turn();
    this.check();
    for (const { value } of model.seenVariables) if (value !== undefined) this.#hold(value);
  }

  async end(): Promise<void> {
    await Promise.all(this.#pending);
    for (const { snapshot, expected } of this.#snapshots.splice(0)) await this.#closeSnapshot(snapshot, await expected);
    this.check();
  }

  /** Checks that no held tensor has changed. */
  check(): void {
    for (const tensor of this.model.seen) this.#hold(tensor);
    for (const [tensor, value] of this.#held) expect(uniform(tensor)).toBe(value);
  }

  #hold(tensor: Tensor): void {
    if (!this.#held.has(tensor)) this.#held.set(tensor, uniform(tensor));
  }

  async #start(action: string, i: number, j: number, checkpoint: number): Promise<readonly (Tensor | null)[]> {
    const { model } = this;
    const [a, b] = [model.values[i] as Output, model.values[j] as Output];
    const run = (...fetches: (Operation | Output)[]) => model.run(fetches, checkpoint);
    const first = () => model.restored(NAMES[i] as string)[0] as Output;
    switch (action) {
      case "restoreAll":
        return run(...model.restoreAll());
      case "restoreOne":
        return run(model.assign(i, first()));
      case "restoreTwo": {
        const value = first();
        return run(model.assign(i, value), model.assign(j, value));
      }
      case "restoreReshaped": {
        const shape = constant(Int32Array.of(LONG), { graph: model.graph });
        return run(model.assign(i, only(model.op("Reshape", [first(), shape]))));
      }
      case "restoreAndCopy":
        return run(model.assign(i, first()), model.assign(j, only(model.op("Identity", [a]))), b);
      case "fetchRestored": {
        const value = first();
        return run(value, model.assign(j, value));
      }
      case "copy":
        return run(model.assign(j, only(model.op("Identity", [a]))));
      case "swap":
        return run(model.assign(j, a), model.assign(i, b));
      case "constant":
        return run(model.assign(i, constant(filled(j), { graph: model.graph })));
      case "add": {
        const type = i % 2 === 0 ? "AssignAddVariableOp" : "AssignAdd";
        return run(model.op(type, [model.references[i] as Output, constant(filled(1), { graph: model.graph })]));
      }
      case "see":
        return run(model.op("Neg", [a]), model.assign(j, only(model.op("Neg", [b]))));
      case "seeVariable":
        return run(model.op("SeeVariable", [model.references[i] as Output]));
      case "late":
        return run(model.assign(j, only(model.op("OnesLike", [only(model.op("Identity", [a]))]))));
      case "fetch":
        return run(a, only(model.op("Identity", [b])));
      case "save":
        return this.#save(model.session);
      case "saveInBackground": {
        const snapshot = model.session.snapshot();
        const saved = await this.#save(snapshot);
        await snapshot.close();
        return saved;
      }
      case "snapshot": {
        const snapshot = model.session.snapshot();
        this.#snapshots.push({ snapshot, expected: snapshot.run(model.values) });
        return [];
      }
      case "closeSnapshot": {
        const oldest = this.#snapshots.shift();
        if (oldest !== undefined) await this.#closeSnapshot(oldest.snapshot, await oldest.expected);
        return [];
      }
      default:
        model.session.trim();
        return [];
    }
  }

  async #closeSnapshot(snapshot: SessionSnapshot, expected: readonly (Tensor | null)[]): Promise<void> {
    const now = await snapshot.run(this.model.values);
    expect(now.map((tensor) => uniform(tensor as Tensor))).toEqual(expected.map((tensor) => uniform(tensor as Tensor)));
    await snapshot.close();
  }

  /** Saves, and checks that the checkpoint has the values of the moment of the call. */
  async #save(session: Pick<Session, "run">): Promise<readonly (Tensor | null)[]> {
    const { model } = this;
    const prefix = `saved${this.#saves++}`;
    // A reference that is fetched has the value of the end.
    const values = model.values.map((value) => only(model.op("Identity", [value])));
    const [, ...expected] = await session.run([model.save(), ...values], new Map([[model.prefix, prefix]]));
    const reader = await openCheckpoint(prefix, { storage: model.storage });
    const saved = await reader.getAll(NAMES.map((name) => ({ name })));
    await reader.close();
    expect(saved.map(uniform)).toEqual(expected.map((tensor) => uniform(tensor as Tensor)));
    return [...saved, ...expected] as Tensor[];
  }
}

/** Returns the one value of all elements of a tensor; `NaN` if they differ. */
function uniform({ data }: Tensor): number {
  const [first] = data as Float32Array;
  return (data as Float32Array).every((element) => element === first) ? (first as number) : Number.NaN;
}

test("no value ever changes under its holder, whatever runs at the same time", async () => {
  let reused = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (list) => {
      const model = await Model.start();
      await model.run(model.restoreAll(), 1);
      const play = new Play(model);
      for (const step of list) await play.step(step);
      await play.end();
      reused += model.storage.reused;
    }),
    { seed: seedOfCommit(), numRuns: isThorough ? 1000 : 60 },
  );
  expect(reused).toBeGreaterThan(0);
}, 120_000);
