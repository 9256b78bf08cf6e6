import type { Output } from "@tfsaver/graph";
import type { SaveableObject } from "../saveables/saveable-object.js";
import { BaseSaverBuilder } from "./base-saver-builder.js";
import { restoreV2 } from "./save-restore-ops.js";

/**
 * Builds savers that restore all tensors with one operation (`BulkSaverBuilder`). `Saver` uses it by default.
 *
 * @example
 * ```ts
 * import { Graph, Variable } from "@tfsaver/graph";
 * import { BulkSaverBuilder } from "@tfsaver/saver-builders";
 *
 * const graph = new Graph();
 * const weights = Variable.create([1, 2], { graph, name: "weights" });
 * const { restoreOpName } = new BulkSaverBuilder().build([weights], { graph });
 * console.log(restoreOpName); // save/restore_all
 * ```
 */
export class BulkSaverBuilder extends BaseSaverBuilder {
  /** Adds one `RestoreV2` for all tensors of `saveables`, on the CPU. */
  protected override bulkRestore(filename: Output, saveables: readonly SaveableObject[]): readonly Output[] {
    const specs = saveables.flatMap((saveable) => saveable.specs);
    const named = { names: specs.map(({ name }) => name), slices: specs.map(({ sliceSpec }) => sliceSpec) };
    return filename.graph.withDevice("cpu:0", () =>
      restoreV2(
        filename,
        named,
        specs.map(({ dtype }) => dtype),
      ),
    );
  }
}
