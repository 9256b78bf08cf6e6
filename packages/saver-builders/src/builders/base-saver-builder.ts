import { isFullyDefined, RuntimeError, ValueError } from "@tfsaver/core";
import {
  canonicalDevice,
  constant,
  type Graph,
  getDefaultGraph,
  group,
  identity,
  mergeDevices,
  type Operation,
  type Output,
  PartitionedVariable,
  placeholderWithDefault,
  withDependencies,
} from "@tfsaver/graph";
import { SaverDef, SaverDef_CheckpointFormatVersion } from "@tfsaver/proto/saver";
import { type SaveableObject, tensorOf } from "../saveables/saveable-object.js";
import { saveablesOf, type VarList } from "../var-list/saveables-of.js";
import type { BuildOptions, CompleteBuildOptions, RestoreOpsOptions, Shard } from "./build-options.js";
import { restoreV2, saveSlices, saveV2, shapeOf } from "./save-restore-ops.js";
import { mergeV2Checkpoints, shardCount, shardedFilename, shardedFilespec, temporaryPrefix } from "./shard-ops.js";

const { V1, V2 } = SaverDef_CheckpointFormatVersion;

/**
 * Adds the operations of a saver to a graph, node for node as TensorFlow's `BaseSaverBuilder` does, and describes them
 * in a `SaverDef`. Override the protected methods to save and restore differently.
 */
export class BaseSaverBuilder {
  /** @param writeVersion - `SaverDef_CheckpointFormatVersion`: V2, or V1 for the format of the early years */
  constructor(readonly writeVersion: number = V2) {
    if (writeVersion !== V1 && writeVersion !== V2) {
      throw new RuntimeError(`Unexpected write_version: ${writeVersion}`);
    }
  }

  /**
   * Builds the save and restore operations of `varList`.
   *
   * @throws `TypeError`, `ValueError` as {@link saveablesOf}; `ValueError` if there is nothing to save, or, with
   * `sharded`, if the tensors of one saveable are on several devices; for a `maxToKeep` or hours that are no such number;
   * `RuntimeError` if the graph is finalized.
   */
  build(varList: VarList, options: BuildOptions = {}): SaverDef {
    const saveables = saveablesOf(varList);
    if (saveables.every(({ specs }) => specs.length === 0)) throw new ValueError("There are no tensors to save");
    return this.buildInternal(saveables, {
      graph: options.graph ?? getDefaultGraph(),
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
   * Adds all operations of a saver, in its name scope and in the order of TensorFlow's (`_build_internal`): the file
   * name, what saves, what restores.
   *
   * @param saveables - what to save, in this order; never nothing
   * @returns the description of the saver, with the names of what was added
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
   * Adds the tensor that is fed with the checkpoint's path.
   *
   * @param filename - the path where nothing is fed
   * @returns a string scalar; its name becomes the `filenameTensorName` of the `SaverDef`
   */
  protected addFilename(graph: Graph, filename: string): Output {
    const named = graph.withNameScope("filename", (scope) =>
      placeholderWithDefault(constant(filename, { graph, name: "input" }), [], { name: scope }),
    );
    return placeholderWithDefault(named, [], { name: "Const" });
  }

  /**
   * Adds what writes `saveables` to one checkpoint, or to one shard (`_AddSaveOps`). Here: {@link BaseSaverBuilder.saveOp}, and a copy
   * of `filename` that waits for it.
   *
   * @returns a string scalar whose value is `filename` once all is written
   */
  protected addSaveOps(filename: Output, saveables: readonly SaveableObject[]): Output {
    return withDependencies([this.saveOp(filename, saveables)], filename);
  }

  /**
   * Adds the operation that writes all tensors of `saveables`, in order, to `filename` (`save_op`). {@link tensorOf}
   * gives the tensor of a spec, and is to be called once for each. Here: `SaveV2`, or `SaveSlices` for V1.
   *
   * @returns the operation that is done once all is written
   */
  protected saveOp(filename: Output, saveables: readonly SaveableObject[]): Operation {
    const specs = saveables.flatMap((saveable) => saveable.specs);
    const what = { names: specs.map(({ name }) => name), slices: specs.map(({ sliceSpec }) => sliceSpec) };
    const save = this.writeVersion === V1 ? saveSlices : saveV2;
    return save(filename, what, specs.map(tensorOf));
  }

  /**
   * Adds what writes each shard on its device (`_AddShardedSaveOps`). Here: {@link BaseSaverBuilder.addSaveOps} for each of the V1 files
   * that {@link BaseSaverBuilder.shardedFilename} names; for V2, {@link BaseSaverBuilder.addShardedSaveOpsForV2}.
   *
   * @returns a string scalar for which all shards are written: of V1 the pattern of their names, of V2 `filename`
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
   * Adds what writes each V2 shard on the CPU of its device, to a temporary place, and what joins them on the last one's
   * (`_AddShardedSaveOpsForV2`).
   *
   * @returns a string scalar whose value is `filename` once the shards are joined
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
   * Adds what names the file of one shard (`sharded_filename`).
   *
   * @param basename - of V1 what is fed, of V2 the beginning of a temporary path
   * @param shard - its number, counted from 0
   * @param numShards - an int32 scalar
   * @returns a string scalar
   */
  protected shardedFilename(basename: Output, shard: number, numShards: Output): Output {
    return shardedFilename(basename, shard, numShards);
  }

  /**
   * Adds what reads each shard (`_AddShardedRestoreOps`). Here: {@link BaseSaverBuilder.addRestoreOps} for each, on its device.
   *
   * @returns the operation that is done once all is in place
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
   * The saveables of each device (`_GroupByDevices`): one shard each, sorted by the device's canonical name. Every
   * saveable must be in one of them. Only asked for if the saver is sharded.
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
   * Adds what reads `saveables` and puts their values in place (`_AddRestoreOps`). Here: {@link BaseSaverBuilder.bulkRestore}, then each
   * saveable's own {@link SaveableObject.restore}.
   *
   * @returns the operation that is done once all is in place
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
   * Adds what reads the tensors of `saveables` (`bulk_restore`). Here: {@link BaseSaverBuilder.restoreOp} for each, on the CPU of its
   * device.
   *
   * @param preferredShard - the shard they were saved to; -1 if there are none
   * @param restoreSequentially - whether one is to be restored after the other; the stock builders don't mind
   * @returns one output per spec, saveable after saveable, each of its spec's dtype
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
   * Adds what reads the tensors of one saveable (`restore_op`). Here: a `RestoreV2` for each.
   *
   * @param preferredShard - the shard it was saved to; -1 if there are none
   * @returns one output per spec, each of its dtype
   */
  protected restoreOp(filename: Output, saveable: SaveableObject, _preferredShard: number): readonly Output[] {
    return saveable.specs.flatMap(({ name, sliceSpec, dtype }) =>
      restoreV2(filename, { names: [name], slices: [sliceSpec] }, [dtype]),
    );
  }
}

/** The CPU beside a device. */
function onCpu(device: string): string {
  return mergeDevices(device, "/device:CPU:0");
}

/**
 * Adds the whole value of each partitioned variable that is in a collection: a meta graph names it there as an
 * operation, which importing would miss.
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

/** A `SaverDef` has room for 32 bits. */
function countOf(maxToKeep: number | null | undefined): number {
  const number = maxToKeep === undefined ? 5 : (maxToKeep ?? 0);
  if (!Number.isInteger(number)) throw new TypeError(`maxToKeep must be an integer, not ${String(maxToKeep)}`);
  if (number !== (number | 0)) throw new ValueError(`maxToKeep is out of range: ${number}`);
  return number;
}

function targetShape(tensor: Output): Output | readonly number[] {
  return isFullyDefined(tensor.shape) ? tensor.shape : shapeOf(tensor);
}
