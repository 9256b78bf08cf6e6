import type { HostSaveable, Trackable } from "@tfsaver/saver-builders";
import { NumberSaveable } from "../values/number-saveable.js";
import type { OptimizerState } from "./optimizer-state.js";
import { type LearningRateSchedule, rateAt } from "./schedule.js";
import { SlotSaveables } from "./slot-saveables.js";

const SCHEDULE =
  "If Keras' optimizer has a learning-rate schedule, pass it to `trackable` as `schedule`; the checkpoint has no learning rate.";
const NO_SCHEDULE = "If Keras' optimizer has no learning-rate schedule, leave out `schedule`.";

/** An optimizer with the children that Keras' optimizer of the same kind has. */
export class KerasOptimizer implements Trackable {
  readonly #iterations: NumberSaveable;
  /** Undefined if Keras' optimizer has a schedule, which is not saved. */
  readonly #learningRate: NumberSaveable | undefined;
  readonly #slots: SlotSaveables;
  readonly #lists = new Map<string, Trackable>();

  /** @param schedule - what Keras' optimizer has in place of a learning rate, if so */
  constructor(
    private readonly state: OptimizerState,
    schedule?: LearningRateSchedule,
  ) {
    this.#slots = new SlotSaveables(state, { isScaled: true, remedy: schedule && NO_SCHEDULE });
    this.#iterations = new NumberSaveable("iteration", "int64", {
      get: () => state.iterations,
      check: (value) => {
        if (schedule !== undefined) rateAt(schedule, value);
      },
      set: (value) => {
        state.iterations = value;
        if (schedule !== undefined) state.learningRate = rateAt(schedule, value);
      },
    });
    if (schedule === undefined) this.#learningRate = learningRateOf(state);
  }

  gatherSaveablesForCheckpoint(): Readonly<Record<string, never>> {
    return {};
  }

  trackableChildren(): ReadonlyMap<string, object> {
    // The learning rate, or the number of steps that tells it, is restored before the slots, which are scaled by it.
    const children = new Map<string, object>([["_iterations", this.#iterations]]);
    const rate = this.#learningRate === undefined ? [] : [this.#learningRate];
    for (const saveable of rate) children.set("_learning_rate", saveable);
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
      const all = this.#list("_variables", () => [this.#iterations, ...rate, ...slots()]);
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

function learningRateOf(state: OptimizerState): NumberSaveable {
  return new NumberSaveable("learning_rate", "float32", {
    remedy: SCHEDULE,
    get: () => state.learningRate,
    // A learning rate of 0.1 stays 0.1, and does not become 0.10000000149.
    set: (value) => {
      if (Math.fround(state.learningRate) !== value) state.learningRate = value;
    },
  });
}
