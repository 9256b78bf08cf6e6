import type { HostSaveable, Trackable } from "@tfsaver/saver-builders";
import { NumberSaveable } from "../values/number-saveable.js";
import type { OptimizerState } from "./optimizer-state.js";
import { SlotSaveables } from "./slot-saveables.js";

/** An optimizer with the children that Keras' optimizer of the same kind has. */
export class KerasOptimizer implements Trackable {
  readonly #iterations: NumberSaveable;
  readonly #learningRate: NumberSaveable;
  readonly #slots: SlotSaveables;
  readonly #lists = new Map<string, Trackable>();

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
    const kinds = this.state.kind.slots.filter(({ keras }) => keras !== undefined);
    for (const kind of kinds) {
      const keras = kind.keras as string;
      children.set(
        keras,
        this.#list(keras, () => this.#slots.of(kind)),
      );
    }
    if (kinds.some(({ isReplaced }) => isReplaced)) {
      const slots = () => kinds.flatMap((kind) => this.#slots.of(kind));
      const all = this.#list("_variables", () => [this.#iterations, this.#learningRate, ...slots()]);
      children.set("_variables", all);
    }
    return children;
  }

  #list(name: string, items: () => readonly HostSaveable[]): Trackable {
    const known = this.#lists.get(name);
    if (known !== undefined) return known;
    const list: Trackable = {
      gatherSaveablesForCheckpoint: () => ({}),
      trackableChildren: () => new Map(items().map((item, index) => [String(index), item])),
    };
    this.#lists.set(name, list);
    return list;
  }
}
