import { type OperationOptions, type OptionNames, requireKnown, UnimplementedError } from "@tfsaver/core";
import type { Session } from "@tfsaver/graph";
import type { Storage } from "@tfsaver/storage";

/** Options of {@link Checkpoint}. */
export interface CheckpointOptions {
  /**
   * The object at which the graph starts, instead of the checkpoint itself. The objects of the first argument are attached to
   * it, without changing it. Default: none.
   */
  readonly root?: object | undefined;
  /** The session of variables that are in a graph. Default: each call needs one, if there are such variables. */
  readonly session?: Session | undefined;
  /** Where checkpoints are. A session writes and reads the variables of its graph in its own. Default: the local file system. */
  readonly storage?: Storage | undefined;
  /**
   * Limit in milliseconds of the wait while another saver writes the same path; then a save throws `UnavailableError`. Default:
   * none, but a warning names the other saver after one second.
   */
  readonly lockTimeoutMs?: number | undefined;
  /** Called with warnings. Default: `console.warn`. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Options of {@link Checkpoint.save}, {@link Checkpoint.write}, {@link Checkpoint.restore} and {@link Checkpoint.read}. */
export interface CheckpointCallOptions extends OperationOptions {
  /** The session of variables that are in a graph. Default: that of the checkpoint. */
  readonly session?: Session | undefined;
}

const CHECKPOINT_OPTIONS: OptionNames<CheckpointOptions> = {
  root: true,
  session: true,
  storage: true,
  lockTimeoutMs: true,
  onWarning: true,
};

const CALL_OPTIONS: OptionNames<CheckpointCallOptions> = { session: true, signal: true, onProgress: true };

/** TensorFlow's options that have no counterpart, and what to do instead. */
const EXPERIMENTAL: Readonly<Record<string, string>> = {
  experimentalIoDevice: "files are written by the session, or by this process",
  experimentalEnableAsyncCheckpoint: "values are taken within the call, so go on without awaiting it",
  enableAsync: "values are taken within the call, so go on without awaiting it",
  experimentalWriteCallbacks: "go on after `await checkpoint.save(…)`",
  experimentalShardingCallback: "there is one shard for each task, as by default in TensorFlow",
  experimentalSkipSlotVariables: "restore into an object that has no slots",
};

/** @throws `TypeError` if an option is unknown. */
export function requireCheckpointOptions(options: CheckpointOptions): void {
  requireKnown("Checkpoint", options, CHECKPOINT_OPTIONS);
}

/** @throws `UnimplementedError` for an experimental option of TensorFlow; `TypeError` for any other unknown one. */
export function requireCallOptions(where: string, options: CheckpointCallOptions): void {
  for (const name of Object.keys(options)) {
    const camel = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    if (!Object.hasOwn(EXPERIMENTAL, camel)) continue;
    throw new UnimplementedError(`${where} does not take TensorFlow's option '${name}': ${EXPERIMENTAL[camel]}`);
  }
  requireKnown(where, options, CALL_OPTIONS);
}
