import {
  copyTensor,
  makeTensor,
  type OperationOptions,
  RuntimeError,
  reshapeTensor,
  type Tensor,
  type TensorLike,
  tensorStrings,
} from "@tfsaver/core";
import { type Feeds, type Fetch, type Graph, Operation, Output, type Session, Variable } from "@tfsaver/graph";
import { LocalSession } from "@tfsaver/session-local";
import { MemoryStorage, type Storage } from "@tfsaver/storage";
import { sessionSuite } from "@tfsaver/testing";
import { describe, expect, it } from "vitest";

function suiteOf(open: (graph: Graph, storage: Storage) => Session, ends: string[] = []) {
  return sessionSuite(async () => {
    const storage = new MemoryStorage();
    await storage.createDirectory("/checkpoints");
    const cleanup = async () => void ends.push("cleanup");
    return { openSession: (graph: Graph) => open(graph, storage), root: "/checkpoints", cleanup };
  });
}

describe("LocalSession keeps the contract", () => {
  for (const { name, run } of suiteOf((graph, storage) => new LocalSession(graph, { storage }))) it(name, run);
});

type Result = Tensor | null;

/** Wraps a correct session, for subclasses to break. Always has a list of fetches, and feeds as a map. */
class Front {
  readonly inner: LocalSession;

  constructor(
    readonly graph: Graph,
    storage: Storage,
  ) {
    this.inner = new LocalSession(graph, { storage });
  }

  async run(fetches: Fetch | readonly Fetch[], feeds: Feeds = {}, options?: OperationOptions): Promise<unknown> {
    const list = (Array.isArray(fetches) ? fetches : [fetches]) as readonly Fetch[];
    const entries = feeds instanceof Map ? feeds : new Map(Object.entries(feeds));
    const results = await this.runList(list, entries as ReadonlyMap<Output, TensorLike>, options);
    return Array.isArray(fetches) ? results : results[0];
  }

  protected async runList(
    fetches: readonly Fetch[],
    feeds: ReadonlyMap<Output | Variable | string, TensorLike>,
    options?: OperationOptions,
  ): Promise<readonly Result[]> {
    return this.inner.run(fetches, feeds, options);
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

type List = Parameters<Front["runList"]>;

/** Changes every tensor that is fetched. */
abstract class Changing extends Front {
  protected abstract change(tensor: Tensor): Tensor;

  protected override async runList(...args: List): Promise<readonly Result[]> {
    return (await super.runList(...args)).map((result) => result && this.change(result));
  }
}

class GivesValuesOfOperations extends Front {
  protected override async runList(fetches: List[0], ...rest: [List[1], List[2]]): Promise<readonly Result[]> {
    const outputs = fetches.map((fetch) => (fetch instanceof Operation && fetch.outputs[0]) || fetch);
    return super.runList(outputs, ...rest);
  }
}

class RunsFetchByFetch extends Front {
  protected override async runList(fetches: List[0], ...rest: [List[1], List[2]]): Promise<readonly Result[]> {
    const results: Result[] = [];
    for (const fetch of fetches) results.push(...(await super.runList([fetch], ...rest)));
    return results;
  }
}

class SortsFetches extends Front {
  protected override async runList(fetches: List[0], ...rest: [List[1], List[2]]): Promise<readonly Result[]> {
    const nameOf = (fetch: Fetch) => (typeof fetch === "string" ? fetch : fetch.name);
    return super.runList(
      [...fetches].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)),
      ...rest,
    );
  }
}

class SeesTheGraphOnce extends Front {
  #size: number | undefined;

  protected override async runList(fetches: List[0], ...rest: [List[1], List[2]]): Promise<readonly Result[]> {
    this.#size ??= this.graph.size;
    const known = new Set(this.graph.operations.slice(0, this.#size));
    for (const fetch of fetches) {
      if (fetch instanceof Output && !known.has(fetch.op)) throw new RuntimeError(`${fetch.name} is new to me`);
    }
    return super.runList(fetches, ...rest);
  }
}

class DropsEmptyDimensions extends Changing {
  protected change(tensor: Tensor): Tensor {
    return tensor.shape.length > 1 ? reshapeTensor(tensor, [tensor.data.length]) : tensor;
  }
}

class TakesBytesForText extends Changing {
  protected change(tensor: Tensor): Tensor {
    if (tensor.dtype !== "string") return tensor;
    const texts = tensorStrings(tensor).map((bytes) => new TextEncoder().encode(new TextDecoder().decode(bytes)));
    return makeTensor("string", tensor.shape, texts);
  }
}

class RoundsLongs extends Changing {
  protected change(tensor: Tensor): Tensor {
    if (tensor.dtype !== "int64") return tensor;
    const rounded = (tensor.data as BigInt64Array).map((value) => BigInt(Number(value)));
    return makeTensor("int64", tensor.shape, rounded);
  }
}

class ForgetsTheSignOfZero extends Changing {
  protected change(tensor: Tensor): Tensor {
    if (tensor.dtype !== "float64") return tensor;
    return makeTensor(
      "float64",
      tensor.shape,
      (tensor.data as Float64Array).map((value) => value + 0),
    );
  }
}

class GivesItsOwnMemory extends Front {
  readonly #given = new Map<string, Tensor>();

  protected override async runList(fetches: List[0], ...rest: [List[1], List[2]]): Promise<readonly Result[]> {
    const results = await super.runList(fetches, ...rest);
    return results.map((result, i) => {
      const fetch = fetches[i];
      if (result === null || !(fetch instanceof Variable)) return result;
      const given = this.#given.get(fetch.name) ?? copyTensor(result);
      this.#given.set(fetch.name, given);
      return given;
    });
  }
}

class IgnoresFedVariables extends Front {
  protected override runList(fetches: List[0], feeds: List[1], options: List[2]): Promise<readonly Result[]> {
    return super.runList(fetches, new Map([...feeds].filter(([key]) => !(key instanceof Variable))), options);
  }
}

class StoresFedVariables extends Front {
  protected override async runList(fetches: List[0], feeds: List[1], options: List[2]): Promise<readonly Result[]> {
    const results = await super.runList(fetches, feeds, options);
    for (const [key, value] of feeds) if (key instanceof Variable) await key.load(value, this.inner);
    return results;
  }
}

class UpdatesTwice extends Front {
  protected override async runList(fetches: List[0], ...rest: [List[1], List[2]]): Promise<readonly Result[]> {
    const updates = fetches.filter((fetch) => fetch instanceof Operation && fetch.type.startsWith("AssignAdd"));
    if (updates.length > 0) await super.runList(updates, ...rest);
    return super.runList(fetches, ...rest);
  }
}

class KeepsFeeds extends Front {
  #feeds: List[1] = new Map();

  protected override runList(fetches: List[0], feeds: List[1], options: List[2]): Promise<readonly Result[]> {
    this.#feeds = new Map([...this.#feeds, ...feeds]);
    return super.runList(fetches, this.#feeds, options);
  }
}

class ComputesWhatIsFed extends Front {
  protected override async runList(fetches: List[0], feeds: List[1], options: List[2]): Promise<readonly Result[]> {
    for (const key of feeds.keys()) {
      if (key === "counted:0") await super.runList([key], new Map(), undefined);
    }
    return super.runList(fetches, feeds, options);
  }
}

class TakesAnyFeed extends Front {
  protected override async runList(fetches: List[0], feeds: List[1], options: List[2]): Promise<readonly Result[]> {
    const known = [...feeds].filter(([key]) => typeof key !== "string" || !key.startsWith("nope"));
    return super.runList(fetches, new Map(known), options);
  }
}

class ThrowsPlainErrors extends Front {
  protected override runList(...args: List): Promise<readonly Result[]> {
    return super.runList(...args).catch((error: Error) => {
      throw new Error(error.message);
    });
  }
}

class InitializesByItself extends Front {
  protected override async runList(fetches: List[0], ...rest: [List[1], List[2]]): Promise<readonly Result[]> {
    const uninitialized = fetches.filter((fetch) => fetch instanceof Variable);
    return super.runList(fetches, ...rest).catch(async (error) => {
      if (uninitialized.length === 0) throw error;
      await super.runList(
        uninitialized.map(({ initializer }) => initializer),
        new Map(),
        undefined,
      );
      return super.runList(fetches, ...rest);
    });
  }
}

class EndsWithTheFirstError extends Front {
  protected override runList(...args: List): Promise<readonly Result[]> {
    return super.runList(...args).catch(async (error) => {
      await this.inner.close();
      throw error;
    });
  }
}

class IgnoresSignals extends Front {
  protected override runList(fetches: List[0], feeds: List[1]): Promise<readonly Result[]> {
    return super.runList(fetches, feeds);
  }
}

class NeverCloses extends Front {
  override async close(): Promise<void> {}
}

class ClosesOnce extends Front {
  #closed = false;

  override async close(): Promise<void> {
    if (this.#closed) throw new RuntimeError("Closed already");
    this.#closed = true;
    await super.close();
  }
}

class SavesNothing extends Front {
  protected override runList(fetches: List[0], feeds: List[1], options: List[2]): Promise<readonly Result[]> {
    const isSaving = fetches.some((fetch) => fetch instanceof Output && fetch.name.startsWith("save/"));
    return isSaving
      ? Promise.resolve(fetches.map(() => makeTensor("string", [], [new Uint8Array()])))
      : super.runList(fetches, feeds, options);
  }
}

class RestoresHalf extends Front {
  protected override async runList(fetches: List[0], ...rest: [List[1], List[2]]): Promise<readonly Result[]> {
    const half = fetches.map((fetch) => {
      if (!(fetch instanceof Operation) || fetch.name !== "save/restore_all") return fetch;
      return [...fetch.controlInputs][0] as Operation;
    });
    return super.runList(half, ...rest);
  }
}

const shared = new WeakMap<Graph, LocalSession>();

/** Shares the variables of all sessions over a graph. */
class SharesVariables extends Front {
  override readonly inner: LocalSession;

  constructor(graph: Graph, storage: Storage) {
    super(graph, storage);
    this.inner = shared.get(graph) ?? new LocalSession(graph, { storage });
    shared.set(graph, this.inner);
  }
}

const broken: [new (graph: Graph, storage: Storage) => Front, RegExp][] = [
  [GivesValuesOfOperations, /^fetches outputs, .* and operations as null/],
  [RunsFetchByFetch, /^runs each operation once per run/],
  [SortsFetches, /^fetches a list, in order/],
  [SeesTheGraphOnce, /^runs operations that were added since the last run/],
  [DropsEmptyDimensions, /^feeds and fetches uint8 tensors of every shape/],
  [TakesBytesForText, /^feeds and fetches string tensors/],
  [RoundsLongs, /^feeds and fetches extreme numbers exactly/],
  [ForgetsTheSignOfZero, /^feeds and fetches extreme numbers exactly/],
  [GivesItsOwnMemory, /^copies values/],
  [IgnoresFedVariables, /^accepts feeds by output, variable and name/],
  [StoresFedVariables, /^lets a run feed a resource variable/],
  [UpdatesTwice, /^assigns to a reference variable, adds to it/],
  [KeepsFeeds, /^accepts feeds by output, variable and name/],
  [ComputesWhatIsFed, /^does not run the operation that computes a fed value/],
  [TakesAnyFeed, /^refuses feeds with a wrong key, shape or dtype/],
  [ThrowsPlainErrors, /^has resource variables that are uninitialized/],
  [InitializesByItself, /^has reference variables that are uninitialized/],
  [EndsWithTheFirstError, /^keeps the effects of operations before an error/],
  [SharesVariables, /^does not share reference variables/],
  [IgnoresSignals, /^runs nothing if the signal is already aborted/],
  [NeverCloses, /^runs nothing after close/],
  [ClosesOnce, /^runs nothing after close, which may be called twice/],
  [SavesNothing, /^saves in V1 in shards, for another session/],
  [RestoresHalf, /^saves in V2, for another session/],
];

describe("a session that breaks the contract", () => {
  it.each(broken.map(([kind, rule]) => [kind.name, kind, rule] as const))(
    "%s fails the suite",
    async (_, kind, rule) => {
      const failed: string[] = [];
      for (const { name, run } of suiteOf((graph, storage) => new kind(graph, storage) as unknown as Session)) {
        if (rule.test(name)) await run().catch(() => failed.push(name));
      }
      expect(failed).toEqual([expect.stringMatching(rule)]);
    },
  );

  it("fails with the expected value, closes its sessions, and cleans up", async () => {
    const ends: string[] = [];
    const suite = suiteOf((graph, storage) => {
      const session = new RunsFetchByFetch(graph, storage);
      const close = () => session.close().then(() => void ends.push("close"));
      return { graph, run: session.run.bind(session), close } as unknown as Session;
    }, ends);
    const once = suite.find(({ name }) => name.startsWith("runs each operation once"));
    await expect(once?.run()).rejects.toMatchObject({
      name: "ContractError",
      message: "number of runs of the operation: expected 1 but got 6",
    });
    expect(ends).toEqual(["close", "cleanup"]);
  });
});
