import type { Context } from "../context.js";
import { finding, UsageError } from "../errors.js";
import { find } from "../find.js";
import { printable } from "../output/printable.js";

/** Options of the commands that ask a running TensorFlow server, as they are typed. */
export interface ClusterOptions {
  /** `grpc://host:port`. */
  readonly target: string;
  /** The `.meta` file of the model that runs there. */
  readonly meta: string;
  /** The checkpoint. */
  readonly prefix: string;
  /** Seconds. */
  readonly timeout: string;
}

/** Options of `tfckpt save`. */
export interface SaveCommandOptions extends ClusterOptions {
  readonly step?: string;
}

/** `tfckpt save`: has a server write a checkpoint of its variables, and adds it to the state file. Removes nothing. */
export async function save(options: SaveCommandOptions, context: Context): Promise<void> {
  const { step, prefix } = options;
  if (step !== undefined && !/^\d{1,15}$/.test(step))
    throw new UsageError(`--step takes a whole number, not '${step}'`);
  await onCluster(options, context, async ({ saver, session }) => {
    const globalStep = step === undefined ? undefined : Number(step);
    const path = await saver.save(session, prefix, { globalStep });
    await context.stdout.line(printable(path ?? "nothing to save"));
  });
}

/** `tfckpt restore`: has a server read a checkpoint into its variables. */
export async function restore(options: ClusterOptions, context: Context): Promise<void> {
  const path = await find(options.prefix, context);
  await onCluster(options, context, ({ saver, session }) => saver.restore(session, path));
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

/** What this takes is only loaded here, so that looking into a checkpoint stays quick. */
async function open({ target, meta, timeout }: ClusterOptions, { storage, onWarning }: Context) {
  if (!/^\d{1,9}$/.test(timeout)) throw new UsageError(`--timeout takes a number of seconds, not '${timeout}'`);
  const [{ Graph }, { keepAll }, { importMetaGraph, Saver }, { GrpcSession }] = await Promise.all([
    import("@tfsaver/graph"),
    import("@tfsaver/retention"),
    import("@tfsaver/saver"),
    import("@tfsaver/session-grpc"),
  ]);
  const graph = new Graph();
  const imported = await finding(() => importMetaGraph(meta, { graph, storage, onWarning }));
  const saverDef = imported?.asSaverDef();
  if (saverDef === undefined) throw new UsageError(`${meta} has no variables to save or restore`);
  // Who saves from a shell beside a training must not remove what that one keeps.
  const saver = new Saver({ graph, saverDef, storage, onWarning, retention: keepAll(), recover: true });
  return { saver, session: new GrpcSession({ target, graph, timeoutMs: Number(timeout) * 1000 }) };
}
