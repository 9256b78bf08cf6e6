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
  placeholderWithDefault,
  withDependencies,
} from "@tfsaver/graph";
import { SaverDef, SaverDef_CheckpointFormatVersion } from "@tfsaver/proto/saver";
import { restoreV2, saveSlices, saveV2, shapeOf } from "./op-wrappers.js";
import { type SaveableObject, tensorOf } from "./saveable-object.js";
import { mergeV2Checkpoints, shardCount, shardedFilename, shardedFilespec, temporaryPrefix } from "./shard-ops.js";
import { saveablesOf, type VarList } from "./var-list.js";

/** Options of {@link BaseSaverBuilder.build}, as `Saver` takes them. */
export interface BuildOptions {
  /** Default: the default graph. */
  readonly graph?: Graph | undefined;
  /** Give restored values the shapes of their variables. Default: false. */
  readonly reshape?: boolean | undefined;
  /** One shard per device. Default: false. */
  readonly sharded?: boolean | undefined;
  /** Default: 5. */
  readonly maxToKeep?: number | null | undefined;
  /** Default: 10000. */
  readonly keepCheckpointEveryNHours?: number | null | undefined;
  /** Name scope of the operations. Default: `save`. */
  readonly name?: string | undefined;
  readonly restoreSequentially?: boolean | undefined;
  /** What the file name tensor is when it is not fed. Default: `model`. */
  readonly filename?: string | undefined;
}

/** What is saved together, on one device. */
export interface Shard {
  /** Canonical name; `""` for none. */
  readonly device: string;
  readonly saveables: readonly SaveableObject[];
}

/** How a group of saveables is restored. */
export interface RestoreOptions {
  readonly reshape: boolean;
  readonly restoreSequentially: boolean;
  /** The shard they were saved to; -1 if there are none. */
  readonly preferredShard: number;
  /** Name of the operation that is done after all. */
  readonly name: string;
}

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
   * `sharded`, if the tensors of one saveable are on several devices; `RuntimeError` if the graph is finalized.
   */
  build(varList: VarList, options: BuildOptions = {}): SaverDef {
    const { graph = getDefaultGraph(), reshape = false, restoreSequentially = false, sharded = false } = options;
    const saveables = saveablesOf(varList);
    if (saveables.every(({ specs }) => specs.length === 0)) throw new ValueError("There are no tensors to save");
    return graph.withNameScope(options.name ?? "save", () => {
      const filename = this.addFilename(graph, options.filename || "model");
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
        maxToKeep: options.maxToKeep === undefined ? 5 : (options.maxToKeep ?? 0),
        keepCheckpointEveryNHours: Math.fround(hoursOf(options.keepCheckpointEveryNHours)),
        version: this.writeVersion,
        sharded,
      });
    });
  }

  /** Adds the tensor that is fed with the checkpoint's path. */
  protected addFilename(graph: Graph, filename: string): Output {
    const named = graph.withNameScope("filename", (scope) =>
      placeholderWithDefault(constant(filename, { graph, name: "input" }), [], { name: scope }),
    );
    return placeholderWithDefault(named, [], { name: "Const" });
  }

  /** Adds what writes `saveables`, and gives the tensor whose value is the path once they are written. */
  protected addSaveOps(filename: Output, saveables: readonly SaveableObject[]): Output {
    return withDependencies([this.saveOp(filename, saveables)], filename);
  }

  /** Adds the operation that writes all tensors of `saveables`, in order, to the checkpoint `filename`. */
  protected saveOp(filename: Output, saveables: readonly SaveableObject[]): Operation {
    const specs = saveables.flatMap((saveable) => saveable.specs);
    const what = { names: specs.map(({ name }) => name), slices: specs.map(({ sliceSpec }) => sliceSpec) };
    const save = this.writeVersion === V1 ? saveSlices : saveV2;
    return save(filename, what, specs.map(tensorOf));
  }

  /**
   * Adds what writes each shard on its device, and gives the tensor whose value is the path once all are written. Of V2
   * shards, the last one's device then joins them.
   */
  protected addShardedSaveOps(filename: Output, shards: readonly Shard[]): Output {
    const { graph } = filename;
    const isV1 = this.writeVersion === V1;
    const basename = isV1 ? filename : temporaryPrefix(filename);
    const numShards = shardCount(graph, shards.length);
    const prefixes: Output[] = [];
    const saves = shards.map(({ device, saveables }, shard) =>
      graph.withDevice(isV1 ? device : onCpu(device), () => {
        const prefix = this.shardedFilename(basename, shard, numShards);
        prefixes.push(prefix);
        return this.addSaveOps(prefix, saveables);
      }),
    );
    return graph.withControlDependencies(saves, () => {
      if (isV1) return shardedFilespec(filename, numShards);
      return graph.withDevice(onCpu(shards.at(-1)?.device ?? ""), () => {
        const merge = mergeV2Checkpoints(prefixes, filename);
        return graph.withControlDependencies([merge], () => identity(filename));
      });
    });
  }

  /** Adds what names the file of one shard. */
  protected shardedFilename(basename: Output, shard: number, numShards: Output): Output {
    return shardedFilename(basename, shard, numShards);
  }

  /** Adds what reads each shard on its device, and gives the operation that is done after all. */
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
   * The saveables of each device, sorted by the device's canonical name; one shard each.
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

  /** Adds what reads `saveables` and puts their values in place, and gives the operation that is done after all. */
  protected addRestoreOps(filename: Output, saveables: readonly SaveableObject[], options: RestoreOptions): Operation {
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
   * Adds what reads the tensors of `saveables`, in order. Here: {@link BaseSaverBuilder.restoreOp} for each, on the
   * CPU of its device.
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

  /** Adds what reads the tensors of one saveable, each by an operation of its own. */
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

function hoursOf(hours: number | null | undefined): number {
  return hours === undefined ? 10000 : (hours ?? 0);
}

function targetShape(tensor: Output): Output | readonly number[] {
  return isFullyDefined(tensor.shape) ? tensor.shape : shapeOf(tensor);
}
