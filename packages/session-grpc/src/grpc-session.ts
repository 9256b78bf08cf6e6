import { isCheckpointError, type OperationOptions, RuntimeError, type Tensor, throwIfAborted } from "@tfsaver/core";
import {
  type Feeds,
  type Fetch,
  type Fetched,
  type Graph,
  resolveFeeds,
  resolveFetch,
  type Session,
} from "@tfsaver/graph";
import type { ConfigProto, DeviceAttributes, RunStepRequest } from "@tfsaver/proto/master";
import { unlessAborted } from "./cancellation.js";
import { type ConnectionOptions, MasterClient } from "./master-client.js";
import { methods } from "./master-methods.js";
import { RemoteGraph } from "./remote-graph.js";
import { Step } from "./run-step.js";
import { errorOfStatus, opNamedIn } from "./server-error.js";

/** Options of {@link GrpcSession}. */
export interface GrpcSessionOptions extends ConnectionOptions {
  /** The server that runs the graph, or distributes it over its cluster: `grpc://host:port`. */
  readonly target: string;
  readonly graph: Graph;
  /**
   * TensorFlow's own options (`tf.compat.v1.ConfigProto`), such as `allowSoftPlacement`, `deviceFilters`, or
   * `isolateSessionState` for variables that belong to this session alone.
   */
  readonly config?: Partial<ConfigProto> | undefined;
}

/** Options of {@link GrpcSession.reset}. */
export interface ResetOptions extends ConnectionOptions {
  /** Names of the containers whose variables are released. Default: all. */
  readonly containers?: readonly string[] | undefined;
  /** Devices of the servers to reset, such as `/job:ps`. Default: all servers of the cluster. */
  readonly deviceFilters?: readonly string[] | undefined;
}

/** A device of a server, as {@link GrpcSession.listDevices} returns it. */
export interface DeviceInfo {
  /** Such as `/job:ps/replica:0/task:1/device:CPU:0`. */
  readonly name: string;
  /** Such as `CPU`. */
  readonly deviceType: string;
  readonly memoryLimitBytes: number;
  /** A random number that changes when the server restarts. */
  readonly incarnation: bigint;
}

/** Describes the content of a run's request in errors. */
const FEEDS = "The feed";

/** Time limit for closing a session on the server. */
const CLOSE_TIMEOUT_MS = 5000;

/**
 * Runs a graph on a TensorFlow server (`tf.compat.v1.Session(target)`). The first run sends the graph; a later one sends
 * what was added since. Variables live on the servers, which also read and write checkpoints: the values never pass
 * through this process.
 *
 * Variables outlive the session, and the sessions of a cluster share them by name, unless `config.isolateSessionState` is
 * set. Changes of an operation that was sent have no effect.
 *
 * @example
 * ```ts
 * import { Graph, Variable } from "@tfsaver/graph";
 * import { GrpcSession } from "@tfsaver/session-grpc";
 *
 * const graph = new Graph();
 * const weights = Variable.create([1, 2], { graph, name: "weights" });
 * const session = new GrpcSession({ target: "grpc://localhost:2222", graph });
 * await session.run(weights.initializer);
 * await session.run(weights.assignAdd([10, 10]));
 * console.log((await session.run(weights)).data); // Float32Array(2) [ 11, 12 ]
 * await session.close();
 * ```
 */
export class GrpcSession implements Session {
  readonly graph: Graph;
  readonly #client: MasterClient;
  readonly #remote: RemoteGraph;
  /** Cancels the sending of the graph when the session is closed. */
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  /**
   * Makes a session. It connects with the first run.
   *
   * @throws `ValueError` if the target doesn't have the form `grpc://host:port`, or `timeoutMs` is not positive.
   */
  constructor(options: GrpcSessionOptions) {
    this.graph = options.graph;
    this.#client = new MasterClient(options.target, options);
    this.#remote = new RemoteGraph(options.graph, this.#client, options.config ?? {});
  }

  /**
   * Releases the variables of a cluster, and closes all its sessions (`tf.compat.v1.Session.reset`).
   *
   * @throws the errors of {@link GrpcSession.run}.
   */
  static async reset(target: string, options: ResetOptions = {}): Promise<void> {
    const { containers = [], deviceFilters = [] } = options;
    const client = new MasterClient(target, options);
    try {
      await client.call(methods.reset, { container: [...containers], deviceFilters: [...deviceFilters] });
    } finally {
      client.close();
    }
  }

  run<const F extends Fetch>(fetch: F, feeds?: Feeds, options?: OperationOptions): Promise<Fetched<F>>;
  run<const F extends readonly Fetch[]>(
    fetches: F,
    feeds?: Feeds,
    options?: OperationOptions,
  ): Promise<{ -readonly [K in keyof F]: Fetched<F[K]> }>;
  /**
   * Runs the operations that `fetches` depend on, each once, on the server, and returns the fetched values. `onProgress`
   * is never called: servers don't report progress.
   *
   * @throws `RuntimeError` after {@link GrpcSession.close}; `ValueError` for names that the graph doesn't have and fed
   * values of a wrong shape; `InvalidArgumentError` for other feeds that don't fit; `CancelledError` when the signal is
   * aborted, which also stops the server; `DeadlineExceededError` after `timeoutMs`; `UnavailableError` if the server
   * can't be reached; `ResourceExhaustedError` for a graph or feeds of more than 2 GiB; the server's own errors, in
   * TensorFlow's kind and words, with the operation in `op` if the text names one of the graph.
   */
  async run(
    fetches: Fetch | readonly Fetch[],
    feeds: Feeds = {},
    { signal }: OperationOptions = {},
  ): Promise<Tensor | null | (Tensor | null)[]> {
    this.#requireOpen();
    throwIfAborted(signal);
    const list = (Array.isArray(fetches) ? fetches : [fetches]) as readonly Fetch[];
    const targets = list.map((fetch) => resolveFetch(this.graph, fetch));
    const step = new Step(targets, resolveFeeds(this.graph, feeds));
    this.#client.requireRoom(step.fedBytes, FEEDS);
    const results = step.isEmpty ? step.results([]) : await this.#runStep(step, signal);
    return Array.isArray(fetches) ? results : (results[0] ?? null);
  }

  async #runStep(step: Step, signal: AbortSignal | undefined): Promise<(Tensor | null)[]> {
    const sessionHandle = await this.#upToDate(signal);
    const fields: Partial<RunStepRequest> = { ...step.request(), sessionHandle, storeErrorsInResponseBody: true };
    const answer = await this.#client.call(methods.runStep, fields, { what: FEEDS, signal });
    const { statusCode, statusErrorMessage: text } = answer;
    if (statusCode === 0) return step.results(answer.tensor);
    const op = opNamedIn(text);
    const isOurs = op !== undefined && this.graph.findOperation(op) !== undefined;
    throw errorOfStatus(statusCode, text, this.#client.target, isOurs ? { op } : {});
  }

  /** Lists the devices of the server and its cluster that `config.deviceFilters` lets the session see. */
  async listDevices(): Promise<DeviceInfo[]> {
    this.#requireOpen();
    const sessionHandle = await this.#upToDate(undefined);
    const { localDevice, remoteDevice } = await this.#client.call(methods.listDevices, { sessionHandle });
    return [...localDevice, ...remoteDevice].map(infoOf);
  }

  /**
   * Ends the session on the server, and the runs in progress. Variables stay, unless they belong to the session alone. It
   * succeeds even if the server is gone, has forgotten the session, or doesn't answer within 5 seconds, which can happen
   * after a server of its cluster died during a run.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort(new RuntimeError("Session has been closed."));
    await this.#remote.settled();
    const { handle } = this.#remote;
    try {
      if (handle === undefined) return;
      await this.#client.call(methods.closeSession, { sessionHandle: handle }, { timeoutMs: CLOSE_TIMEOUT_MS });
    } catch (error) {
      if (!isCheckpointError(error, "AbortedError", "DeadlineExceededError", "UnavailableError")) throw error;
    } finally {
      this.#client.close();
    }
  }

  /**
   * Sends the graph if needed. All waiting runs share the request, so cancelling one of them doesn't cancel it.
   */
  async #upToDate(signal: AbortSignal | undefined): Promise<string> {
    const handle = await unlessAborted(this.#remote.upToDate(this.#closing.signal), signal);
    this.#requireOpen();
    return handle;
  }

  #requireOpen(): void {
    if (this.#closed !== undefined) throw new RuntimeError("Attempted to use a closed Session.");
  }
}

function infoOf({ name, deviceType, memoryLimit, incarnation }: DeviceAttributes): DeviceInfo {
  return { name, deviceType, memoryLimitBytes: memoryLimit, incarnation };
}
