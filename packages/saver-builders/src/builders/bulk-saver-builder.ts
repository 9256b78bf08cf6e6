import type { Output } from "@tfsaver/graph";
import type { SaveableObject } from "../saveables/saveable-object.js";
import { BaseSaverBuilder } from "./base-saver-builder.js";
import { restoreV2 } from "./save-restore-ops.js";

/** Restores all tensors with one operation; what `Saver` uses (`BulkSaverBuilder`). */
export class BulkSaverBuilder extends BaseSaverBuilder {
  /** Adds one `RestoreV2` for all tensors of `saveables`, on the CPU. */
  protected override bulkRestore(filename: Output, saveables: readonly SaveableObject[]): readonly Output[] {
    const specs = saveables.flatMap((saveable) => saveable.specs);
    const what = { names: specs.map(({ name }) => name), slices: specs.map(({ sliceSpec }) => sliceSpec) };
    return filename.graph.withDevice("cpu:0", () =>
      restoreV2(
        filename,
        what,
        specs.map(({ dtype }) => dtype),
      ),
    );
  }
}
