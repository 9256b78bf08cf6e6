import type { SaverDef } from "@tfsaver/proto/saver";
import type { TensorflowDefaultOptions } from "@tfsaver/retention";

/** Returns the options of TensorFlow's policy, which follow the live message. */
export function liveRetention(saverDef: SaverDef, startTime: number): TensorflowDefaultOptions {
  return {
    startTime,
    get maxToKeep() {
      return saverDef.maxToKeep;
    },
    get keepCheckpointEveryNHours() {
      return saverDef.keepCheckpointEveryNHours;
    },
  };
}
