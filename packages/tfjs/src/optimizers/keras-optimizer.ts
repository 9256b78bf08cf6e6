import type { Trackable } from "@tfsaver/saver-builders";
import { NumberSaveable } from "../values/number-saveable.js";
import type { SlotKind } from "./optimizer-kinds.js";
import type { OptimizerState } from "./optimizer-state.js";
import { SlotSaveables } from "./slot-saveables.js";

/** An optimizer with the children that Keras' optimizer of the same kind has. */
export class KerasOptimizer implements Trackable {
  readonly #iterations: NumberSaveable;
  readonly #learningRate: NumberSaveable;
  readonly #slots: SlotSaveables;
  readonly #lists = new Map<string, SlotList>();

  constructor(private readonly state: OptimizerState) {
    this.#slots = new SlotSaveables(state, true);
    this.#iterations = new NumberSaveable("iteration", "int64", {
      get: () => state.iterations,
      set: (value) => {
        state.iterations = value;
      },
    });
    this.#learningRate = new NumberSaveable("learning_rate", "float32", {
      get: () => state.learningRate,
      // A learning rate of 0.1 stays 0.1, and does not become 0.10000000149.
      set: (value) => {
        if (Math.fround(state.learningRate) !== value) state.learningRate = value;
      },
    });
  }

  gatherSaveablesForCheckpoint(): Readonly<Record<string, never>> {
    return {};
  }

  trackableChildren(): ReadonlyMap<string, object> {
    // The learning rate is restored before the slots, which are scaled by it.
    const children = new Map<string, object>([
      ["_iterations", this.#iterations],
      ["_learning_rate", this.#learningRate],
    ]);
    for (const kind of this.state.kind.slots) {
      if (kind.keras === undefined) continue;
      const list = this.#lists.get(kind.keras) ?? new SlotList(this.#slots, kind);
      this.#lists.set(kind.keras, list);
      children.set(kind.keras, list);
    }
    return children;
  }
}

/** The slots of one kind. */
class SlotList implements Trackable {
  constructor(
    private readonly slots: SlotSaveables,
    private readonly kind: SlotKind,
  ) {}

  gatherSaveablesForCheckpoint(): Readonly<Record<string, never>> {
    return {};
  }

  trackableChildren(): ReadonlyMap<string, object> {
    return new Map(this.slots.of(this.kind).map((slot, index) => [String(index), slot]));
  }
}
