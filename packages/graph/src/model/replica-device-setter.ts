import { ValueError } from "@tfsaver/core";
import { formatDevice, parseDevice } from "./device-names.js";
import type { Operation } from "./operation.js";

/** Options of {@link replicaDeviceSetter}, which are those of `tf.compat.v1.train.replica_device_setter`. */
export interface ReplicaDeviceSetterOptions {
  /** Number of parameter servers. `cluster` goes before it. */
  readonly psTasks?: number | undefined;
  /** Addresses of the tasks of each job, of which those of `psDevice`'s job are counted. */
  readonly cluster?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Where variables go; a job is given a task. `""` for nowhere in particular. Default: `/job:ps`. */
  readonly psDevice?: string | undefined;
  /** Where everything else goes; `""` for nowhere in particular. Default: `/job:worker`. */
  readonly workerDevice?: string | undefined;
  /** Complete the devices that operations have, rather than leave them as they are. Default: `true`. */
  readonly mergeDevices?: boolean | undefined;
  /** Types of operations that go to a parameter server. Default: those that hold variables and tables. */
  readonly psOps?: readonly string[] | undefined;
  /** Gives the number of the task for each of these operations. Default: one after the other, over and over. */
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
 * A device function for {@link Graph.withDevice} that shares out variables among parameter servers and leaves the rest to
 * a worker (`tf.compat.v1.train.replica_device_setter`). It counts: make one for each graph.
 *
 * @returns the function, or `null` if there are no parameter servers, which as a device scope also lifts those around.
 * @throws `ValueError` for a device or a number of tasks that can't be one.
 */
export function replicaDeviceSetter(options: ReplicaDeviceSetterOptions = {}): ((op: Operation) => string) | null {
  const { psDevice = "/job:ps", workerDevice = "/job:worker", mergeDevices = true, psOps = STANDARD_PS_OPS } = options;
  const ps = parseDevice(psDevice);
  const worker = parseDevice(workerDevice);
  const psTasks = options.cluster ? (options.cluster[ps.job ?? ""]?.length ?? 0) : (options.psTasks ?? 0);
  if (!Number.isSafeInteger(psTasks) || psTasks < 0)
    throw new ValueError(`psTasks must be a number of tasks, not ${psTasks}`);
  if (psTasks === 0) return null;
  const strategy = options.psStrategy ?? roundRobin(psTasks);
  const onPs = psDevice === "" ? new Set<string>() : new Set(psOps);
  return (op) => {
    if (!mergeDevices && op.device !== "") return op.device;
    const own = parseDevice(op.device);
    if (!onPs.has(op.type)) return formatDevice({ ...worker, ...own });
    // A task's number means something within its job only.
    const isSameJob = ps.job !== undefined && (own.job === undefined || own.job === ps.job);
    return formatDevice({ ...ps, ...(isSameJob && { task: strategy(op) }), ...own });
  };
}

function roundRobin(tasks: number): () => number {
  let next = 0;
  return () => next++ % tasks;
}
