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
  /** The server that runs the graph, or divides it among the servers of its cluster: `grpc://host:port`. */
  readonly target: string;
  readonly graph: Graph;
  /**
   * TensorFlow's own options (`tf.compat.v1.ConfigProto`): `allowSoftPlacement`, `deviceFilters`, `isolateSessionState`
   * for variables that are this session's alone, ….
   */
  readonly config?: Partial<ConfigProto> | undefined;
}

/** Options of {@link GrpcSession.reset}. */
export interface ResetOptions extends ConnectionOptions {
  /** Names of the containers whose variables are given up. Default: all. */
  readonly containers?: readonly string[] | undefined;
  /** Servers that are meant, such as `/job:ps`. Default: all of the cluster. */
  readonly deviceFilters?: readonly string[] | undefined;
}

/** A device of a server, as {@link GrpcSession.listDevices} gives it. */
export interface DeviceInfo {
  /** Such as `/job:ps/replica:0/task:1/device:CPU:0`. */
  readonly name: string;
  /** Such as `CPU`. */
  readonly deviceType: string;
  readonly memoryLimitBytes: number;
  /** Another number after each start of its server. */
  readonly incarnation: bigint;
}

/** How long a server may take to close a session before it is left to itself. */
const CLOSE_TIMEOUT_MS = 5000;

/**
 * Runs a graph on a TensorFlow server (`tf.compat.v1.Session(target)`). The graph is sent with the first run, and what
 * was added to it since with a later one. Variables live on the servers, which also read and write checkpoints: their
 * values never pass through this process.
 *
 * Variables outlive the session, and sessions of one cluster share them by name, unless `config.isolateSessionState` is
 * set. An operation that was sent stays as it was: only additions to the graph are seen.
 */
export class GrpcSession implements Session {
  readonly graph: Graph;
  readonly #client: MasterClient;
  readonly #remote: RemoteGraph;
  /** Ends the sending of the graph, for which nobody waits any more. */
  readonly #closing = new AbortController();
  #closed: Promise<void> | undefined;

  /**
   * Connects to nobody yet.
   *
   * @throws `ValueError` if the target does not look like `grpc://host:port`, or `timeoutMs` is not positive.
   */
  constructor(options: GrpcSessionOptions) {
    this.graph = options.graph;
    this.#client = new MasterClient(options.target, options);
    this.#remote = new RemoteGraph(options.graph, this.#client, options.config ?? {});
  }

  /**
   * Gives up the variables of a cluster, and closes all sessions that are connected to it
   * (`tf.compat.v1.Session.reset`).
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
   * Has the server run what `fetches` need, each operation once, and gives the fetched values. `onProgress` is not told
   * of anything: what happens on servers is not seen here.
   *
   * @throws `RuntimeError` after {@link GrpcSession.close}; `ValueError` for names that the graph does not have and fed
   * values of a wrong shape; `InvalidArgumentError` for other feeds that don't fit; `CancelledError` when the signal is
   * aborted, which also stops the server; `DeadlineExceededError` after `timeoutMs`; `UnavailableError` if the server
   * can't be reached; `ResourceExhaustedError` for a graph or feeds of more than 2 GiB; and whatever the server answers,
   * in TensorFlow's kind and words, with the operation in `op` if they name one of the graph.
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
    this.#client.requireRoom(step.fedBytes, "What is fed");
    const results = step.isEmpty ? step.results([]) : await this.#runStep(step, signal);
    return Array.isArray(fetches) ? results : (results[0] ?? null);
  }

  async #runStep(step: Step, signal: AbortSignal | undefined): Promise<(Tensor | null)[]> {
    const sessionHandle = await this.#upToDate(signal);
    const fields: Partial<RunStepRequest> = { ...step.request(), sessionHandle, storeErrorsInResponseBody: true };
    const answer = await this.#client.call(methods.runStep, fields, { what: "What is fed", signal });
    const { statusCode, statusErrorMessage: text } = answer;
    if (statusCode === 0) return step.results(answer.tensor);
    const op = opNamedIn(text);
    const isOurs = op !== undefined && this.graph.findOperation(op) !== undefined;
    throw errorOfStatus(statusCode, text, this.#client.target, isOurs ? { op } : {});
  }

  /** The devices of the server and its cluster, as far as `config.deviceFilters` lets the session see them. */
  async listDevices(): Promise<DeviceInfo[]> {
    this.#requireOpen();
    const sessionHandle = await this.#upToDate(undefined);
    const { localDevice, remoteDevice } = await this.#client.call(methods.listDevices, { sessionHandle });
    return [...localDevice, ...remoteDevice].map(infoOf);
  }

  /**
   * Ends the session on the server, and with it what it is running. Variables stay, unless they were the session's
   * alone. Closing is no error if the server is gone or has forgotten the session, nor if it does not answer within five
   * seconds, as it may not when a server of its cluster died during a run.
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
   * Sends the graph as far as that is needed, for all runs that wait for it: that one of them is cancelled concerns the
   * others not.
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
