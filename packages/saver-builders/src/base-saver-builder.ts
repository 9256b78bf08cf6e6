import { isFullyDefined, UnimplementedError, ValueError } from "@tfsaver/core";
import {
  constant,
  type Graph,
  getDefaultGraph,
  group,
  mergeDevices,
  type Operation,
  type Output,
  placeholderWithDefault,
  withDependencies,
} from "@tfsaver/graph";
import { SaverDef, SaverDef_CheckpointFormatVersion } from "@tfsaver/proto/saver";
import { restoreV2, saveV2, shapeOf } from "./op-wrappers.js";
import type { SaveableObject } from "./saveable-object.js";
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

/**
 * Adds the operations of a saver to a graph, node for node as TensorFlow's `BaseSaverBuilder` does, and describes them
 * in a `SaverDef`. Override the protected methods to save and restore differently.
 */
export class BaseSaverBuilder {
  /** @param writeVersion - `SaverDef_CheckpointFormatVersion.V2` */
  constructor(readonly writeVersion: number = SaverDef_CheckpointFormatVersion.V2) {
    if (writeVersion !== SaverDef_CheckpointFormatVersion.V2) {
      throw new UnimplementedError(`Checkpoints of format version ${writeVersion} can't be written yet, only V2`);
    }
  }

  /**
   * Builds the save and restore operations of `varList`.
   *
   * @throws `TypeError`, `ValueError`, `UnimplementedError` as {@link saveablesOf}; `ValueError` if there is nothing to
   * save; `RuntimeError` if the graph is finalized; `UnimplementedError` for `sharded`.
   */
  build(varList: VarList, options: BuildOptions = {}): SaverDef {
    const { graph = getDefaultGraph(), reshape = false, restoreSequentially = false } = options;
    if (options.sharded) throw new UnimplementedError("sharded: true can't be built yet");
    const saveables = saveablesOf(varList);
    if (saveables.every(({ specs }) => specs.length === 0)) throw new ValueError("There are no tensors to save");
    return graph.withNameScope(options.name ?? "save", () => {
      const filename = this.addFilename(graph, options.filename || "model");
      const save = this.addSaveOps(filename, saveables);
      const restore = this.addRestoreOps(filename, saveables, { reshape, restoreSequentially, preferredShard: -1 });
      return SaverDef.create({
        filenameTensorName: filename.name,
        saveTensorName: save.name,
        restoreOpName: restore.name,
        maxToKeep: options.maxToKeep === undefined ? 5 : (options.maxToKeep ?? 0),
        keepCheckpointEveryNHours: Math.fround(hoursOf(options.keepCheckpointEveryNHours)),
        version: this.writeVersion,
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
    return saveV2(
      filename,
      what,
      specs.map(({ tensor }) => tensor),
    );
  }

  /** Adds what reads `saveables` and puts their values in place, and gives the operation that is done after all. */
  protected addRestoreOps(
    filename: Output,
    saveables: readonly SaveableObject[],
    options: { readonly reshape: boolean; readonly restoreSequentially: boolean; readonly preferredShard: number },
  ): Operation {
    const tensors = this.bulkRestore(filename, saveables, options.preferredShard, options.restoreSequentially);
    let at = 0;
    const done = saveables.map((saveable) => {
      const shapes = options.reshape ? saveable.specs.map(({ tensor }) => targetShape(tensor)) : undefined;
      const restored = tensors.slice(at, at + saveable.specs.length);
      at += saveable.specs.length;
      return saveable.restore(restored, shapes);
    });
    return group(done, { graph: filename.graph, name: "restore_all" });
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
      return filename.graph.withDevice(mergeDevices(saveable.device, "/device:CPU:0"), restore);
    });
  }

  /** Adds what reads the tensors of one saveable, each by an operation of its own. */
  protected restoreOp(filename: Output, saveable: SaveableObject, _preferredShard: number): readonly Output[] {
    return saveable.specs.flatMap(({ name, sliceSpec, dtype }) =>
      restoreV2(filename, { names: [name], slices: [sliceSpec] }, [dtype]),
    );
  }
}

function hoursOf(hours: number | null | undefined): number {
  return hours === undefined ? 10000 : (hours ?? 0);
}

function targetShape(tensor: Output): Output | readonly number[] {
  return isFullyDefined(tensor.shape) ? tensor.shape : shapeOf(tensor);
}
