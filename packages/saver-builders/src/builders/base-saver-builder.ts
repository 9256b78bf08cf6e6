import { isFullyDefined, RuntimeError, ValueError } from "@tfsaver/core";
import {
  canonicalDevice,
  constant,
  type Graph,
  group,
  identity,
  mergeDevices,
  type Operation,
  type Output,
  PartitionedVariable,
  placeholderWithDefault,
  resolveGraph,
  withDependencies,
} from "@tfsaver/graph";
import { SaverDef, SaverDef_CheckpointFormatVersion } from "@tfsaver/proto/saver";
import { shapeOf } from "../saveables/reshape-ops.js";
import { type SaveableObject, tensorOf } from "../saveables/saveable-object.js";
import { saveablesOf } from "../var-list/saveables-of.js";
import type { VarList } from "../var-list/var-list.js";
import type { BuildOptions, CompleteBuildOptions, RestoreOpsOptions, Shard } from "./build-options.js";
import { restoreV2, saveSlices, saveV2 } from "./save-restore-ops.js";
import { mergeV2Checkpoints, shardCount, shardedFilename, shardedFilespec, temporaryPrefix } from "./shard-ops.js";

const { V1, V2 } = SaverDef_CheckpointFormatVersion;

/**
 * Adds the operations of a saver to a graph, node for node like TensorFlow's `BaseSaverBuilder`, and describes them in a
 * `SaverDef`. Override the protected methods to save and restore differently.
 *
 * @example
 * ```ts
 * import { Graph, Variable } from "@tfsaver/graph";
 * import { BaseSaverBuilder } from "@tfsaver/saver-builders";
 *
 * const graph = new Graph();
 * const weights = Variable.create([1, 2], { graph, name: "weights" });
 * const saverDef = new BaseSaverBuilder().build([weights], { graph });
 * console.log(saverDef.saveTensorName); // save/control_dependency:0
 * ```
 */
export class BaseSaverBuilder {
  /**
   * @param writeVersion - a `SaverDef_CheckpointFormatVersion`: V2, or V1 for the format before TensorFlow 0.12
   * @throws `RuntimeError` for any other version.
   */
  constructor(readonly writeVersion: number = V2) {
    if (writeVersion !== V1 && writeVersion !== V2) {
      throw new RuntimeError(`Unexpected write_version: ${writeVersion}`);
    }
  }

  /**
   * Builds the save and restore operations of `varList`.
   *
   * @throws `TypeError` or `ValueError` as {@link saveablesOf}; `ValueError` if there is nothing to save, if a sharded
   * saveable has tensors on several devices, or if `maxToKeep` is out of range; `TypeError` if `maxToKeep` is not an
   * integer or `keepCheckpointEveryNHours` is not a number; `RuntimeError` if the graph is finalized.
   */
  build(varList: VarList, options: BuildOptions = {}): SaverDef {
    const saveables = saveablesOf(varList);
    if (saveables.every(({ specs }) => specs.length === 0)) throw new ValueError("There are no tensors to save");
    return this.buildInternal(saveables, {
      graph: resolveGraph(options.graph),
      reshape: options.reshape ?? false,
      sharded: options.sharded ?? false,
      maxToKeep: countOf(options.maxToKeep),
      keepCheckpointEveryNHours: hoursOf(options.keepCheckpointEveryNHours),
      name: options.name ?? "save",
      restoreSequentially: options.restoreSequentially ?? false,
      filename: options.filename || "model",
    });
  }

  /**
   * Adds all operations of a saver in its name scope, in TensorFlow's order (`_build_internal`): the file name, the save
   * operations, the restore operations.
   *
   * @param saveables - what to save, in this order; at least one
   * @returns the description of the saver, with the names of the added operations
   */
  protected buildInternal(saveables: readonly SaveableObject[], options: CompleteBuildOptions): SaverDef {
    const { graph, reshape, sharded, restoreSequentially } = options;
    const saverDef = graph.withNameScope(options.name, () => {
      const filename = this.addFilename(graph, options.filename);
      const restoring = { reshape, restoreSequentially };
      const shards = sharded ? this.groupByDevices(saveables) : [];
      const save = sharded ? this.addShardedSaveOps(filename, shards) : this.addSaveOps(filename, saveables);
      const restore = sharded
        ? this.addShardedRestoreOps(filename, shards, restoring)
        : this.addRestoreOps(filename, saveables, { ...restoring, preferredShard: -1, name: "restore_all" });
      return SaverDef.create({
        filenameTensorName: filename.name,
        saveTensorName: save.name,
        restoreOpName: restore.name,
        maxToKeep: options.maxToKeep,
        keepCheckpointEveryNHours: Math.fround(options.keepCheckpointEveryNHours),
        version: this.writeVersion,
        sharded,
      });
    });
    joinPartitionedVariables(graph);
    return saverDef;
  }

  /**
   * Adds the tensor that a run feeds with the checkpoint's path.
   *
   * @param filename - the path if nothing is fed
   * @returns a string scalar; its name becomes the `filenameTensorName` of the `SaverDef`
   */
  protected addFilename(graph: Graph, filename: string): Output {
    const named = graph.withNameScope("filename", (scope) =>
      placeholderWithDefault(constant(filename, { graph, name: "input" }), [], { name: scope }),
    );
    return placeholderWithDefault(named, [], { name: "Const" });
  }

  /**
   * Adds the operations that write `saveables` to one checkpoint or one shard (`_AddSaveOps`). By default, that is
   * {@link BaseSaverBuilder.saveOp} and a copy of `filename` that waits for it.
   *
   * @returns a string scalar that is `filename` when everything is written
   */
  protected addSaveOps(filename: Output, saveables: readonly SaveableObject[]): Output {
    return withDependencies([this.saveOp(filename, saveables)], filename);
  }

  /**
   * Adds the operation that writes all tensors of `saveables`, in order, to `filename` (`save_op`). An override must call
   * {@link tensorOf} exactly once for each spec. By default, the operation is `SaveV2`, or `SaveSlices` for V1.
   *
   * @returns the operation that is done when everything is written
   */
  protected saveOp(filename: Output, saveables: readonly SaveableObject[]): Operation {
    const specs = saveables.flatMap((saveable) => saveable.specs);
    const named = { names: specs.map(({ name }) => name), slices: specs.map(({ sliceSpec }) => sliceSpec) };
    const save = this.writeVersion === V1 ? saveSlices : saveV2;
    return save(filename, named, specs.map(tensorOf));
  }

  /**
   * Adds the operations that write each shard on its device (`_AddShardedSaveOps`). By default, that is
   * {@link BaseSaverBuilder.addShardedSaveOpsForV2} for V2, and {@link BaseSaverBuilder.addSaveOps} with the name of
   * {@link BaseSaverBuilder.shardedFilename} for each shard of V1.
   *
   * @returns a string scalar that waits for all shards: `filename` for V2, the pattern of the shards' names for V1
   */
  protected addShardedSaveOps(filename: Output, shards: readonly Shard[]): Output {
    if (this.writeVersion === V2) return this.addShardedSaveOpsForV2(filename, shards);
    const { graph } = filename;
    const numShards = shardCount(graph, shards.length);
    const saves = shards.map(({ device, saveables }, shard) =>
      graph.withDevice(device, () => this.addSaveOps(this.shardedFilename(filename, shard, numShards), saveables)),
    );
    return graph.withControlDependencies(saves, () => shardedFilespec(filename, numShards));
  }

  /**
   * Adds the operations that write each V2 shard under a temporary prefix, on the CPU of its device, and merge them on
   * the CPU of the last device (`_AddShardedSaveOpsForV2`).
   *
   * @returns a string scalar that is `filename` when the shards are merged
   */
  protected addShardedSaveOpsForV2(filename: Output, shards: readonly Shard[]): Output {
    const { graph } = filename;
    const basename = temporaryPrefix(filename);
    const numShards = shardCount(graph, shards.length);
    const prefixes: Output[] = [];
    const saves = shards.map(({ device, saveables }, shard) =>
      graph.withDevice(onCpu(device), () => {
        const prefix = this.shardedFilename(basename, shard, numShards);
        prefixes.push(prefix);
        return this.addSaveOps(prefix, saveables);
      }),
    );
    return graph.withControlDependencies(saves, () =>
      graph.withDevice(onCpu(shards.at(-1)?.device ?? ""), () => {
        const merge = mergeV2Checkpoints(prefixes, filename);
        return graph.withControlDependencies([merge], () => identity(filename));
      }),
    );
  }

  /**
   * Adds the operation that names the file of one shard (`sharded_filename`).
   *
   * @param basename - the fed path for V1, the temporary prefix for V2
   * @param shard - number of the shard, counted from 0
   * @param numShards - an int32 scalar
   * @returns a string scalar
   */
  protected shardedFilename(basename: Output, shard: number, numShards: Output): Output {
    return shardedFilename(basename, shard, numShards);
  }

  /**
   * Adds the operations that restore each shard (`_AddShardedRestoreOps`). By default, that is
   * {@link BaseSaverBuilder.addRestoreOps} for each shard, on its device.
   *
   * @returns the operation that is done when all values are in place
   */
  protected addShardedRestoreOps(
    filename: Output,
    shards: readonly Shard[],
    options: { readonly reshape: boolean; readonly restoreSequentially: boolean },
  ): Operation {
    const restores = shards.map(({ device, saveables }, preferredShard) =>
      filename.graph.withDevice(device, () =>
        this.addRestoreOps(filename, saveables, { ...options, preferredShard, name: "restore_shard" }),
      ),
    );
    return group(restores, { graph: filename.graph, name: "restore_all" });
  }

  /**
   * Groups saveables into one shard for each device, sorted by the device's canonical name (`_GroupByDevices`). Every
   * saveable must be in exactly one shard. Called only if the saver is sharded.
   *
   * @throws `ValueError` if the tensors of one saveable are on several devices.
   */
  protected groupByDevices(saveables: readonly SaveableObject[]): Shard[] {
    const byDevice = new Map<string, SaveableObject[]>();
    for (const saveable of saveables) {
      const devices = new Set(saveable.specs.map((spec) => canonicalDevice(spec.device)));
      if (devices.size > 1) {
        throw new ValueError(`All tensors of a saveable object must be on the same device: ${saveable.name}`);
      }
      const [device = ""] = devices;
      const members = byDevice.get(device);
      if (members === undefined) byDevice.set(device, [saveable]);
      else members.push(saveable);
    }
    const shards = [...byDevice].map(([device, members]) => ({ device, saveables: members }));
    return shards.sort((a, b) => (a.device < b.device ? -1 : 1));
  }

  /**
   * Adds the operations that read `saveables` and put their values in place (`_AddRestoreOps`). By default, that is
   * {@link BaseSaverBuilder.bulkRestore}, then {@link SaveableObject.restore} of each saveable.
   *
   * @returns the operation that is done when all values are in place
   */
  protected addRestoreOps(
    filename: Output,
    saveables: readonly SaveableObject[],
    options: RestoreOpsOptions,
  ): Operation {
    const tensors = this.bulkRestore(filename, saveables, options.preferredShard, options.restoreSequentially);
    let at = 0;
    const done = saveables.map((saveable) => {
      const shapes = options.reshape ? saveable.specs.map((spec) => targetShape(tensorOf(spec))) : undefined;
      const restored = tensors.slice(at, at + saveable.specs.length);
      at += saveable.specs.length;
      return saveable.restore(restored, shapes);
    });
    return group(done, { graph: filename.graph, name: options.name });
  }

  /**
   * Adds the operations that read the tensors of `saveables` (`bulk_restore`). By default, that is
   * {@link BaseSaverBuilder.restoreOp} for each saveable, on the CPU of its device.
   *
   * @param preferredShard - the shard they were saved to; -1 without shards
   * @param _restoreSequentially - true to restore one after the other; the built-in builders ignore it
   * @returns one output for each spec, saveable after saveable, of the spec's dtype
   */
  protected bulkRestore(
    filename: Output,
    saveables: readonly SaveableObject[],
    preferredShard: number,
    _restoreSequentially: boolean,
  ): readonly Output[] {
    return saveables.flatMap((saveable) => {
      const restore = () => this.restoreOp(filename, saveable, preferredShard);
      if (saveable.device === "") return restore();
      return filename.graph.withDevice(onCpu(saveable.device), restore);
    });
  }

  /**
   * Adds the operations that read the tensors of one saveable (`restore_op`). By default, that is one `RestoreV2` for each
   * tensor.
   *
   * @param _preferredShard - the shard it was saved to; -1 without shards
   * @returns one output for each spec, of the spec's dtype
   */
  protected restoreOp(filename: Output, saveable: SaveableObject, _preferredShard: number): readonly Output[] {
    return saveable.specs.flatMap(({ name, sliceSpec, dtype }) =>
      restoreV2(filename, { names: [name], slices: [sliceSpec] }, [dtype]),
    );
  }
}

/** Returns the CPU of the machine that a device belongs to. */
function onCpu(device: string): string {
  return mergeDevices(device, "/device:CPU:0");
}

/**
 * Adds the whole value of each partitioned variable in a collection. A meta graph names it as an operation there, and
 * can't be imported without that operation.
 */
function joinPartitionedVariables(graph: Graph): void {
  const values = graph.collectionKeys.flatMap((key) => graph.collection(key));
  for (const value of values) {
    if (value instanceof PartitionedVariable && graph.findOperation(value.name) === undefined) value.asTensor();
  }
}

function hoursOf(hours: number | null | undefined): number {
  const number = hours === undefined ? 10000 : (hours ?? 0);
  if (typeof number !== "number" || Number.isNaN(number)) {
    throw new TypeError(`keepCheckpointEveryNHours must be a number of hours, not ${String(hours)}`);
  }
  return number;
}

/** Checks `maxToKeep`, which a `SaverDef` stores in 32 bits. */
function countOf(maxToKeep: number | null | undefined): number {
  const number = maxToKeep === undefined ? 5 : (maxToKeep ?? 0);
  if (!Number.isInteger(number)) throw new TypeError(`maxToKeep must be an integer, not ${String(maxToKeep)}`);
  if (number !== (number | 0)) throw new ValueError(`maxToKeep is out of range: ${number} does not fit in 32 bits`);
  return number;
}

function targetShape(tensor: Output): Output | readonly number[] {
  return isFullyDefined(tensor.shape) ? tensor.shape : shapeOf(tensor);
}
