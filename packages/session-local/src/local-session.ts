import { RuntimeError, type Tensor, throwIfAborted, type WarningListener } from "@tfsaver/core";
import {
  type Feeds,
  type Fetch,
  type Fetched,
  Graph,
  type Operation,
  Output,
  type RunOptions,
  resolveFeeds,
  resolveFetch,
  type Session,
  type SessionSnapshot,
} from "@tfsaver/graph";
import type { Storage } from "@tfsaver/storage";
import type { Kernel } from "./kernel.js";
import { checkedKernel } from "./run/checked-kernel.js";
import type { RunLimits } from "./run/memory/budget.js";
import { HeldMemory } from "./run/memory/held-memory.js";
import { plansOf } from "./run/plan-cache.js";
import { Run } from "./run/run.js";
import { SessionState } from "./run/session-state.js";
import type { Snapshot } from "./run/snapshot.js";

/** Options of {@link LocalSession}. */
export interface LocalSessionOptions {
  /** The storage of checkpoints. Default: the local file system under Node.js; elsewhere it must be given. */
  readonly storage?: Storage | undefined;
  /** Makes random operations without a seed repeatable. Default: they differ from session to session. */
  readonly seed?: number | bigint | undefined;
  /** Limits on what the kernels of one run may take. Default: see {@link RunLimits}. */
  readonly limits?: RunLimits | undefined;
  /**
   * Keep the memory of restored values that were replaced for the next restore, at most as much as the variables take.
   * Default: true.
   */
  readonly reuseMemory?: boolean | undefined;
  /** Kernels by operation type. They take precedence over the built-in ones. */
  readonly kernels?: Readonly<Record<string, Kernel>> | undefined;
  /** Called with warnings. Default: they are ignored. */
  readonly onWarning?: WarningListener | undefined;
}

/**
 * Runs a graph in this process's memory, as far as its variables need: initialization, assignment, saving and restoring.
 * Devices are ignored. {@link LocalSession.registerKernel} adds operation types.
 *
 * Tensors never change, so a fetched tensor stays as it is. Values are copied in two places only: a fed value when a
 * variable keeps it, and a value of a variable or a constant when it is fetched. A restore may use the memory of values that
 * nobody can see any more.
 *
 * @example
 * ```ts
 * import { Graph, Variable } from "@tfsaver/graph";
 * import { LocalSession } from "@tfsaver/session-local";
 *
 * const graph = new Graph();
 * const weights = Variable.create([1, 2], { graph, name: "weights" });
 * const session = new LocalSession(graph);
 * await session.run(weights.initializer);
 * await session.run(weights.assignAdd([10, 10]));
 * console.log((await session.run(weights)).data); // Float32Array(2) [ 11, 12 ]
 * ```
 */
export class LocalSession implements Session {
  readonly #kernels: Map<string, Kernel>;
  readonly #state: SessionState;

  /**
   * @throws `ValueError` if `seed` is a number but not a safe integer, or a limit is not a number from 0 on; `TypeError` if
   * `graph` is not a graph.
   */
  constructor(
    readonly graph: Graph,
    options: LocalSessionOptions = {},
  ) {
    if (!(graph instanceof Graph)) throw new TypeError("A LocalSession takes the Graph to run");
    this.#kernels = new Map();
    for (const [opType, kernel] of Object.entries(options.kernels ?? {})) this.registerKernel(opType, kernel);
    this.#state = new SessionState(this.#kernels, options);
  }

  /**
   * Sets the kernel of an operation type in this session, replacing an existing one. Its results must be valid tensors.
   *
   * @throws `TypeError` if `kernel` is not a function.
   */
  registerKernel(opType: string, kernel: Kernel): void {
    if (typeof kernel !== "function") throw new TypeError(`The kernel of ${opType} must be a function`);
    this.#kernels.set(opType, checkedKernel(kernel));
  }

  run<const F extends Fetch>(fetch: F, feeds?: Feeds, options?: RunOptions): Promise<Fetched<F>>;
  run<const F extends readonly Fetch[]>(
    fetches: F,
    feeds?: Feeds,
    options?: RunOptions,
  ): Promise<{ -readonly [K in keyof F]: Fetched<F[K]> }>;
  /**
   * Runs the operations that `fetches` depend on, each once, and returns the fetched values.
   *
   * @throws `RuntimeError` after {@link LocalSession.close}; `ValueError` for names that the graph doesn't have and fed
   * values of a wrong shape; `InvalidArgumentError` for other feeds that don't fit and for a placeholder that is not fed;
   * `FailedPreconditionError` for an uninitialized variable; `UnimplementedError` for an operation without a kernel;
   * `ResourceExhaustedError` if the run exceeds one of its limits; `CancelledError` when the signal is aborted; the errors
   * of kernels. An operation's error has its name in `op` and in
   * the message. Operations that ran before the error keep their effect.
   */
  async run(
    fetches: Fetch | readonly Fetch[],
    feeds: Feeds = {},
    options: RunOptions = {},
  ): Promise<Tensor | null | (Tensor | null)[]> {
    if (this.#state.closed) throw new RuntimeError("Attempted to use a closed Session.");
    const results = await this.#run(fetches, feeds, options);
    const turn = this.#state.turn();
    if (turn !== undefined) await turn;
    return results;
  }

  async #run(
    fetches: Fetch | readonly Fetch[],
    feeds: Feeds = {},
    options: RunOptions = {},
    snapshot?: Snapshot,
  ): Promise<Tensor | null | (Tensor | null)[]> {
    throwIfAborted(options.signal);
    const list = (Array.isArray(fetches) ? fetches : [fetches]) as readonly Fetch[];
    const targets = list.map((fetch) => resolveFetch(this.graph, fetch));
    const borrowed = new HeldMemory();
    const fed = resolveFeeds(this.graph, feeds, (tensor) => borrowed.add(tensor));
    const plan = plansOf(this.graph).planFor(targets, new Set(fed.keys()));
    const run = new Run(this.#state, plan, fed, borrowed, options, snapshot);
    try {
      await run.execute().finally(() => run.close());
      const results = targets.map((target) => (target instanceof Output ? run.fetch(target) : null));
      return Array.isArray(fetches) ? results : (results[0] ?? null);
    } finally {
      run.release();
    }
  }

  /** Gives back the memory of replaced values that is kept for the next restore. */
  trim(): void {
    this.#state.memory.trim();
  }

  /**
   * Takes a snapshot, as a save does: nothing is copied, and later assignments change nothing in it. Until it is closed,
   * the session's runs let the event loop turn now and then, so that files get written beside a loop of runs.
   *
   * @throws `RuntimeError` after {@link LocalSession.close}.
   */
  snapshot(): SessionSnapshot {
    if (this.#state.closed) throw new RuntimeError("Attempted to use a closed Session.");
    const { graph } = this;
    const snapshot = this.#state.takeSnapshot();
    return {
      graph,
      run: ((fetches: Fetch | readonly Fetch[], feeds?: Feeds, options?: RunOptions) =>
        this.#run(fetches, feeds, options, snapshot)) as Session["run"],
      close: () => this.#state.release(snapshot),
    };
  }

  /** True if there is a kernel for the type of an operation. */
  canRun(op: Operation): boolean {
    return this.#state.findKernel(op) !== undefined;
  }

  /** Releases the variables; a snapshot keeps what it needs until it is closed. A run in progress ends with a `CancelledError` after the kernel that it waits for. */
  async close(): Promise<void> {
    this.#state.close();
  }
}
