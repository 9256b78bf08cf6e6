import type { Context } from "../../context.js";
import { finding, UsageError } from "../../errors.js";
import { find } from "../../find.js";
import { loadOptional } from "../../optional-packages.js";
import { printable } from "../../output/printable.js";

/** Options of the commands that run on a TensorFlow server, as typed. */
export interface ClusterOptions {
  /** `grpc://host:port`. */
  readonly target: string;
  /** The `.meta` file of the model on the server. */
  readonly meta: string;
  /** Prefix of the checkpoint. */
  readonly prefix: string;
  /** Timeout in seconds. */
  readonly timeout: string;
}

/** Options of `tfckpt save`. */
export interface SaveCommandOptions extends ClusterOptions {
  readonly step?: string;
}

/**
 * `tfckpt save`: lets a server save its variables, and adds the checkpoint to the state file. Removes no checkpoint.
 */
export async function save(options: SaveCommandOptions, context: Context): Promise<void> {
  const { step, prefix } = options;
  if (step !== undefined && !/^\d{1,15}$/.test(step))
    throw new UsageError(`--step takes a whole number, not '${step}'`);
  await onCluster(options, context, async ({ saver, session }) => {
    const globalStep = step === undefined ? undefined : Number(step);
    const path = await saver.save(session, prefix, { globalStep, signal: context.signal });
    await context.stdout.line(printable(path ?? "nothing to save"));
  });
}

/** `tfckpt restore`: lets a server restore its variables from a checkpoint. */
export async function restore(options: ClusterOptions, context: Context): Promise<void> {
  const { signal } = context;
  const path = await find(options.prefix, context);
  await onCluster(options, context, ({ saver, session }) => saver.restore(session, path, { signal }));
  await context.stdout.line(`${printable(path)}: restored on ${printable(options.target)}`);
}

async function onCluster<T>(
  options: ClusterOptions,
  context: Context,
  work: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const cluster = await open(options, context);
  try {
    return await work(cluster);
  } finally {
    await cluster.session.close();
  }
}

type Cluster = Awaited<ReturnType<typeof open>>;

/** Opens a session on the server. Its packages are loaded here, so that the other commands start fast. */
async function open({ target, meta, timeout }: ClusterOptions, { storage, onWarning }: Context) {
  if (!/^\d{1,9}$/.test(timeout)) throw new UsageError(`--timeout takes a whole number of seconds, not '${timeout}'`);
  const [{ Graph }, { keepAll }, { importMetaGraph, Saver }, { GrpcSession }] = await Promise.all([
    import("@tfsaver/graph"),
    import("@tfsaver/retention"),
    import("@tfsaver/saver"),
    loadGrpc(),
  ]);
  const graph = new Graph();
  const imported = await finding(() => importMetaGraph(meta, { graph, storage, onWarning }));
  const saverDef = imported?.asSaverDef();
  if (saverDef === undefined) throw new UsageError(`${meta} has no variables to save or restore`);
  // A save from a shell must not remove the checkpoints of a running training.
  const saver = new Saver({ graph, saverDef, storage, onWarning, retention: keepAll(), recover: true });
  return { saver, session: new GrpcSession({ target, graph, timeoutMs: Number(timeout) * 1000 }) };
}

/** Loads the packages for gRPC, which are optional: the other commands do without their 8 MB. */
function loadGrpc() {
  const problem = "A TensorFlow server is reached by gRPC, which is not installed";
  return loadOptional(problem, ["@tfsaver/session-grpc", "@grpc/grpc-js"], () => import("@tfsaver/session-grpc"));
}
