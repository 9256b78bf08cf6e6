import {
  RuntimeError,
  type Shape,
  type Tensor,
  throwIfAborted,
  UnimplementedError,
  ValueError,
  type WarningListener,
} from "@tfsaver/core";
import {
  type Feeds,
  type Fetch,
  type Fetched,
  type Graph,
  type Operation,
  Output,
  type RunOptions,
  resolveFeeds,
  resolveFetch,
  type Session,
} from "@tfsaver/graph";
import type { Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import type { Kernel, KernelCall, ResourceClass } from "./kernel.js";
import { builtInKernels } from "./kernels/built-in-kernels.js";
import { drawBits } from "./random/random-bits.js";
import type { LocalResource, ResourceKey } from "./resources/local-resource.js";
import { LocalVariable, setValue, type VariableKey } from "./resources/local-variable.js";
import { HeldMemory } from "./run/held-memory.js";
import type { Plan } from "./run/plan.js";
import { plansOf } from "./run/plan-cache.js";
import { Run, type RunHost } from "./run/run.js";

/** Options of {@link LocalSession}. */
export interface LocalSessionOptions {
  /** Where checkpoints are. Default: the local file system under Node.js; it is only asked for when needed. */
  readonly storage?: Storage | undefined;
  /** Makes random operations that have no seed of their own repeatable. Default: they differ from session to session. */
  readonly seed?: number | bigint | undefined;
  /** Kernels by operation type, beside the built-in ones and before them. */
  readonly kernels?: Readonly<Record<string, Kernel>> | undefined;
  /** Is told what is worth knowing but no error. */
  readonly onWarning?: WarningListener | undefined;
}

/**
 * Runs a graph in this process's memory, as far as its variables need: initialisers, assignments, saving and restoring.
 * Devices are ignored. {@link LocalSession.registerKernel} adds what is not there.
 *
 * Tensors are never changed in place, so a tensor that was fetched stays as it is. Values are copied in two places
 * only: what was fed, when a variable keeps it; and a variable's or a constant's value, when it is fetched.
 */
export class LocalSession implements Session {
  readonly #kernels: Map<string, Kernel>;
  readonly #host: Host;

  constructor(
    readonly graph: Graph,
    options: LocalSessionOptions = {},
  ) {
    this.#kernels = new Map(Object.entries(options.kernels ?? {}));
    this.#host = new Host(this.#kernels, options);
  }

  /** Adds the kernel of an operation type to this session, in place of any that it has. */
  registerKernel(opType: string, kernel: Kernel): void {
    this.#kernels.set(opType, kernel);
  }

  run<const F extends Fetch>(fetch: F, feeds?: Feeds, options?: RunOptions): Promise<Fetched<F>>;
  run<const F extends readonly Fetch[]>(
    fetches: F,
    feeds?: Feeds,
    options?: RunOptions,
  ): Promise<{ -readonly [K in keyof F]: Fetched<F[K]> }>;
  /**
   * Runs what `fetches` need, each operation once, and gives the fetched values.
   *
   * @throws `RuntimeError` after {@link LocalSession.close}; `ValueError` for names that the graph does not have and
   * fed values of a wrong shape; `InvalidArgumentError` for other feeds that don't fit and for a placeholder that is
   * not fed; `FailedPreconditionError` for an uninitialized variable; `UnimplementedError` for an operation without a
   * kernel; `CancelledError` when the signal is aborted; and whatever kernels throw. Errors of an operation have its
   * name in `op` and in the message. What ran before an error has had its effect.
   */
  async run(
    fetches: Fetch | readonly Fetch[],
    feeds: Feeds = {},
    options: RunOptions = {},
  ): Promise<Tensor | null | (Tensor | null)[]> {
    if (this.#host.closed) throw new RuntimeError("Attempted to use a closed Session.");
    throwIfAborted(options.signal);
    const list = (Array.isArray(fetches) ? fetches : [fetches]) as readonly Fetch[];
    const targets = list.map((fetch) => resolveFetch(this.graph, fetch));
    const borrowed = new HeldMemory();
    const fed = resolveFeeds(this.graph, feeds, (tensor) => borrowed.add(tensor));
    const plan = plansOf(this.graph).planFor(targets, new Set(fed.keys()));
    const run = new Run(this.#host, plan, fed, borrowed, options);
    await run.execute().finally(() => run.close());
    const results = targets.map((target) => (target instanceof Output ? run.fetch(target) : null));
    return Array.isArray(fetches) ? results : (results[0] ?? null);
  }

  /** Gives up the variables. A run that is under way ends with a `CancelledError` once it has waited for something. */
  async close(): Promise<void> {
    this.#host.close();
  }
}

class Host implements RunHost {
  closed = false;
  variableBytes = 0;
  readonly kept = new HeldMemory();
  /** By kind and container, then by name. */
  readonly #variables = new Map<string, Map<string, LocalVariable>>();
  readonly #resources = new Map<ResourceClass<LocalResource>, Map<string, LocalResource>>();
  readonly #seed: bigint | undefined;
  readonly #states = new Map<Operation, object>();
  #statesOfPlans = new WeakMap<Plan, (object | undefined)[]>();

  constructor(
    private readonly kernels: ReadonlyMap<string, Kernel>,
    private readonly options: LocalSessionOptions,
  ) {
    const { seed } = options;
    if (typeof seed === "number" && !Number.isSafeInteger(seed)) {
      throw new ValueError(`seed must be an integer, not ${seed}`);
    }
    this.#seed = seed === undefined ? undefined : BigInt(seed);
  }

  get storage(): Storage {
    return this.options.storage ?? defaultStorage();
  }

  kernel(op: Operation): Kernel {
    const kernel = this.kernels.get(op.type) ?? builtInKernels.get(op.type);
    if (kernel !== undefined) return kernel;
    throw new UnimplementedError(
      `Operation '${op.name}' of type ${op.type} can't be run: there is no kernel for it (registerKernel adds one)`,
      { op: op.name },
    );
  }

  variableOf(key: VariableKey, opName: string, declaredShape: Shape | undefined): LocalVariable {
    const group = `${key.kind} ${key.container}`;
    const inGroup = this.#variables.get(group) ?? new Map<string, LocalVariable>();
    this.#variables.set(group, inGroup);
    const variable = inGroup.get(key.name) ?? new LocalVariable(key, opName, declaredShape);
    inGroup.set(key.name, variable);
    return variable;
  }

  resourceOf<R extends LocalResource>(kind: ResourceClass<R>, { container, name }: ResourceKey, create: () => R): R {
    const id = JSON.stringify([container, name]);
    const ofKind = this.#resources.get(kind) ?? new Map<string, LocalResource>();
    this.#resources.set(kind, ofKind);
    const known = ofKind.get(id) as R | undefined;
    if (known !== undefined) return known;
    const made = create();
    ofKind.set(id, made);
    return made;
  }

  state<T extends object>(op: Operation, call: KernelCall, create: (call: KernelCall) => T): T {
    const known = this.#states.get(op) as T | undefined;
    if (known !== undefined) return known;
    const made = create(call);
    this.#states.set(op, made);
    return made;
  }

  statesOf(plan: Plan): (object | undefined)[] {
    const states = this.#statesOfPlans.get(plan) ?? new Array<object | undefined>(plan.steps.length);
    this.#statesOfPlans.set(plan, states);
    return states;
  }

  assign(variable: LocalVariable, value: Tensor): void {
    this.kept.add(value);
    this.variableBytes -= variable.bytes;
    setValue(variable, value);
    this.variableBytes += variable.bytes;
  }

  randomBits(op: Operation): bigint {
    return drawBits(this.#seed, op.name);
  }

  warn(message: string): void {
    this.options.onWarning?.(message);
  }

  close(): void {
    this.closed = true;
    this.#variables.clear();
    this.#resources.clear();
    this.#states.clear();
    this.#statesOfPlans = new WeakMap();
  }
}
