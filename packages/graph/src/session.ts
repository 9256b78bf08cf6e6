import type { OperationOptions, Tensor, TensorLike } from "@tfsaver/core";
import type { CommitOptions } from "@tfsaver/storage";
import type { Graph, Operation, Output } from "./model/graph.js";
import type { Variable } from "./variables/variable.js";

/** A value to fetch or an operation to run. A name is `operation:index` for a value, `operation` for an operation. */
export type Fetch = Output | Variable | Operation | string;

/** The result of a fetch: a tensor for a value, `null` for an operation. */
export type Fetched<F> = F extends Operation
  ? null
  : F extends Output | Variable
    ? Tensor
    : F extends `${string}:${number}`
      ? Tensor
      : Tensor | null;

/** Values that replace outputs of the graph during one run, by output, variable or tensor name. */
export type Feeds = ReadonlyMap<Output | Variable | string, TensorLike> | Readonly<Record<string, TensorLike>>;

/** Options of {@link Session.run}. A session that runs the graph on a server can't call `beforeCommit`. */
export interface RunOptions extends OperationOptions, CommitOptions {
  /**
   * Limits a graph that is not trusted to saving or restoring. It can only write and remove files whose path begins with
   * `writes` (default: none), and what it computes stays in proportion to the size of its variables and files. A session
   * that runs the graph on a server can't enforce this. Default: no limits.
   */
  readonly confine?: { readonly writes?: string | undefined } | undefined;
}

/**
 * Runs a graph (`tf.compat.v1.Session`). Variables live in the session: two sessions of one graph have separate
 * variables.
 */
export interface Session {
  readonly graph: Graph;
  /**
   * Runs the operations that `fetches` depend on, each once, and returns the fetched values. It includes operations that
   * were added to the graph since the last run.
   *
   * @throws `NotFoundError` or `ValueError` for names that the graph doesn't have; `InvalidArgumentError` for feeds that
   * don't fit; `FailedPreconditionError` for an uninitialized variable; `RuntimeError` after {@link Session.close}; the
   * errors of the operations.
   */
  run<const F extends Fetch>(fetch: F, feeds?: Feeds, options?: RunOptions): Promise<Fetched<F>>;
  run<const F extends readonly Fetch[]>(
    fetches: F,
    feeds?: Feeds,
    options?: RunOptions,
  ): Promise<{ -readonly [K in keyof F]: Fetched<F[K]> }>;
  /** True if the session can run an operation of this type. A session without this method may be able to run any. */
  canRun?(op: Operation): boolean;
  /**
   * Takes a snapshot of all variables and tables, in no time: a save holds the values of the moment at which it was asked
   * for. A session without this method, such as one on a server, saves the values that it finds when it writes.
   */
  snapshot?(): SessionSnapshot;
  /** Releases the variables. Running afterwards is an error; closing again is not. */
  close(): Promise<void>;
}

/**
 * The variables and tables of a session as they were at one moment. Its runs read these values, whatever runs in the session
 * meanwhile, even after the session is closed. Close it when it is no longer needed, because it keeps the old values in memory.
 */
export interface SessionSnapshot extends Pick<Session, "graph" | "run"> {
  close(): void;
}

/**
 * Checks if a value can be used as a session.
 *
 * @example
 * ```ts
 * import { isSession } from "@tfsaver/graph";
 *
 * console.log(isSession({})); // false
 * ```
 */
export function isSession(value: unknown): value is Session {
  return typeof value === "object" && value !== null && "graph" in value && "run" in value && "close" in value;
}
