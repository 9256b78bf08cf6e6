import type { Storage } from "@tfsaver/storage";
import { withPrefix } from "@tfsaver/storage/wrappers";
import { InterceptedStorage, type StorageOperation } from "@tfsaver/testing";
import { type Kind, v1Kinds, v2Kinds, v2ShardedKinds } from "../../saver/test/crash/histories.js";
import { type Expectation, History, Model } from "../../saver/test/crash/history.js";
import { furnish } from "../../saver/test/crash/survivors.js";
import { OpfsStorage } from "../src/index.js";

/** A sample of the histories that the saver is tested with: every format, and saves that replace a checkpoint. */
export const sample = [...v2Kinds.slice(0, 2), ...v2ShardedKinds.slice(1), ...v1Kinds.slice(0, 1)].map(
  (kind): Kind => ({ ...kind, steps: kind.steps.slice(0, 3) }),
);

export interface StopRequest {
  readonly root: string;
  /** Index in {@link sample}. */
  readonly kind: number;
  /** Number of the operation that never ends. */
  readonly at: number;
}

export interface Stopped {
  readonly operations: number;
  /** What a reader may find; undefined if the saver was done before. */
  readonly expectation?: Expectation;
}

/** Runs a history until an operation begins, which never ends. */
export async function runUntilStopped({ root, kind: index, at }: StopRequest): Promise<Stopped> {
  const kind = sample[index] as Kind;
  let stop: (stopped: Stopped) => void = () => undefined;
  const stopped = new Promise<Stopped>((resolve) => {
    stop = resolve;
  });
  const inner = withPrefix(new OpfsStorage(), root);
  const storage = new CountingStorage(inner, (operations) => {
    if (operations !== at) return undefined;
    stop({ operations, expectation: history.expectation });
    return new Promise<never>(() => undefined);
  });
  const history = new History(new Model(), storage, kind.options, kind.returned);
  await furnish(inner);
  return Promise.race([stopped, history.run(kind.steps).then(() => ({ operations: storage.operations }))]);
}

/** Calls a function with the number of each operation, before it begins. */
class CountingStorage extends InterceptedStorage {
  operations = 0;

  constructor(
    inner: Storage,
    private readonly before: (operations: number) => Promise<never> | undefined,
  ) {
    super(inner);
  }

  protected override async intercept<T>(_operation: StorageOperation, run: () => Promise<T>): Promise<T> {
    await this.before(++this.operations);
    return run();
  }
}
