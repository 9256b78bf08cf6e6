import type { CommitOptions, OperationOptions, Tensor, TensorLike } from "@tfsaver/core";
import type { Graph } from "./model/graph.js";
import type { Operation, Output } from "./model/operation.js";
import type { Variable } from "./variables/variable.js";

/** Something to be fetched: a value, or an operation to be run. Names are `operation:index` or `operation`. */
export type Fetch = Output | Variable | Operation | string;

/** What fetching gives: a tensor for a value, `null` for an operation. */
export type Fetched<F> = F extends Operation
  ? null
  : F extends Output | Variable
    ? Tensor
    : F extends `${string}:${number}`
      ? Tensor
      : Tensor | null;

/** Values that stand in for outputs of the graph during one run, by output, variable or tensor name. */
export type Feeds = ReadonlyMap<Output | Variable | string, TensorLike> | Readonly<Record<string, TensorLike>>;

/**
 * Options of {@link Session.run}. A session that runs a graph elsewhere, where nobody can be asked, does not ask
 * `beforeCommit`.
 */
export interface RunOptions extends OperationOptions, CommitOptions {
  /**
   * The graph may come from anywhere, and must do nothing but save or restore: no file is written or removed but those
   * whose path begins with `writes` (without it, none), and what is computed stays in proportion to what is in variables
   * and files. A session that runs a graph elsewhere can't see to it. Default: a graph may do what it likes.
   */
  readonly confine?: { readonly writes?: string | undefined } | undefined;
}

/**
 * Runs a graph (`tf.compat.v1.Session`). Variables live in the session: two sessions over one graph have variables of
 * their own.
 */
export interface Session {
  readonly graph: Graph;
  /**
   * Runs what `fetches` need, each operation once, and gives the fetched values. An operation that was added to the
   * graph since the last run is found.
   *
   * @throws `NotFoundError`/`ValueError` for names that the graph does not have; `InvalidArgumentError` for feeds that
   * don't fit; `FailedPreconditionError` for an uninitialized variable; `RuntimeError` after {@link Session.close};
   * and whatever the operations throw.
   */
  run<const F extends Fetch>(fetch: F, feeds?: Feeds, options?: RunOptions): Promise<Fetched<F>>;
  run<const F extends readonly Fetch[]>(
    fetches: F,
    feeds?: Feeds,
    options?: RunOptions,
  ): Promise<{ -readonly [K in keyof F]: Fetched<F[K]> }>;
  /** Gives up the variables. Running afterwards is an error; closing again is not. */
  close(): Promise<void>;
}

/** Whether a value can be used as a session. */
export function isSession(value: unknown): value is Session {
  return typeof value === "object" && value !== null && "graph" in value && "run" in value && "close" in value;
}
