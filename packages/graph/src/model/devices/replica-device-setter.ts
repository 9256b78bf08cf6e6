import { ValueError } from "@tfsaver/core";
import type { Operation } from "../graph.js";
import { formatDevice, parseDevice } from "./device-names.js";

/** Options of {@link replicaDeviceSetter}, those of `tf.compat.v1.train.replica_device_setter`. */
export interface ReplicaDeviceSetterOptions {
  /** Number of parameter servers. Default: 0. Ignored if `cluster` is given. */
  readonly psTasks?: number | undefined;
  /** Addresses of the tasks of each job. The tasks of `psDevice`'s job are the parameter servers. */
  readonly cluster?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Device of the variables; a job is given a task. `""` leaves them where they are. Default: `/job:ps`. */
  readonly psDevice?: string | undefined;
  /** Device of everything else; `""` for none. Default: `/job:worker`. */
  readonly workerDevice?: string | undefined;
  /** Complete a device that an operation has already, instead of leaving it as it is. Default: true. */
  readonly mergeDevices?: boolean | undefined;
  /** Types of the operations that go to a parameter server. Default: those that hold variables and tables. */
  readonly psOps?: readonly string[] | undefined;
  /** Chooses the task of such an operation. Default: each task in turn. */
  readonly psStrategy?: ((op: Operation) => number) | undefined;
}

/** `tensorflow.python.training.device_setter.STANDARD_PS_OPS` of TensorFlow 2.21. */
const STANDARD_PS_OPS: readonly string[] = [
  "Variable",
  "VariableV2",
  "AutoReloadVariable",
  "MutableHashTable",
  "MutableHashTableV2",
  "MutableHashTableOfTensors",
  "MutableHashTableOfTensorsV2",
  "MutableDenseHashTable",
  "MutableDenseHashTableV2",
  "VarHandleOp",
  "BoostedTreesEnsembleResourceHandleOp",
  "BoostedTreesQuantileStreamResourceHandleOp",
  "ResourceConditionalAccumulator",
  "DecisionTreeResource",
];

/**
 * Makes a device function for {@link Graph.withDevice} that spreads variables over the parameter servers and leaves the
 * rest to a worker (`tf.compat.v1.train.replica_device_setter`). It counts the variables, so make one for each graph.
 *
 * @returns the function, or `null` without parameter servers; as a device scope, `null` ignores the scopes outside.
 *
 * @example
 * ```ts
 * import { Graph, replicaDeviceSetter, Variable } from "@tfsaver/graph";
 *
 * const graph = new Graph();
 * graph.withDevice(replicaDeviceSetter({ psTasks: 2 }), () => {
 *   console.log(Variable.create(0, { graph, name: "a" }).device); // /job:ps/task:0
 *   console.log(Variable.create(0, { graph, name: "b" }).device); // /job:ps/task:1
 * });
 * ```
 *
 * @throws `ValueError` if a device name is invalid, or `psTasks` is not a non-negative integer.
 */
export function replicaDeviceSetter(options: ReplicaDeviceSetterOptions = {}): ((op: Operation) => string) | null {
  const { psDevice = "/job:ps", workerDevice = "/job:worker", mergeDevices = true, psOps = STANDARD_PS_OPS } = options;
  const ps = parseDevice(psDevice);
  const worker = parseDevice(workerDevice);
  const psTasks = options.cluster ? (options.cluster[ps.job ?? ""]?.length ?? 0) : (options.psTasks ?? 0);
  if (!Number.isSafeInteger(psTasks) || psTasks < 0) {
    throw new ValueError(`psTasks must be a non-negative integer, not ${psTasks}`);
  }
  if (psTasks === 0) return null;
  const strategy = options.psStrategy ?? roundRobin(psTasks);
  const onPs = psDevice === "" ? new Set<string>() : new Set(psOps);
  return (op) => {
    if (!mergeDevices && op.device !== "") return op.device;
    const own = parseDevice(op.device);
    if (!onPs.has(op.type)) return formatDevice({ ...worker, ...own });
    // Task numbers belong to a job: an operation of another job keeps its own.
    const isSameJob = ps.job !== undefined && (own.job === undefined || own.job === ps.job);
    return formatDevice({ ...ps, ...(isSameJob && { task: strategy(op) }), ...own });
  };
}

function roundRobin(tasks: number): () => number {
  let next = 0;
  return () => next++ % tasks;
}
