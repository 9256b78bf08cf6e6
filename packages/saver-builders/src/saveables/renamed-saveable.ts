import type { Operation, Output } from "@tfsaver/graph";
import { SaveableObject } from "./saveable-object.js";

/** Saves and restores a saveable under other names in the checkpoint. */
export class RenamedSaveable extends SaveableObject {
  /** @param rename - returns the new name of each of its tensors */
  constructor(
    private readonly saveable: SaveableObject,
    rename: (name: string) => string,
  ) {
    super(
      saveable.source,
      saveable.specs.map((spec) => ({ ...spec, name: rename(spec.name) })),
      saveable.name,
    );
  }

  override restore(
    restoredTensors: readonly Output[],
    restoredShapes: readonly (Output | readonly number[])[] | undefined,
  ): Operation {
    return this.saveable.restore(restoredTensors, restoredShapes);
  }
}
