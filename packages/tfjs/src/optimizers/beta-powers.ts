import { NumberSaveable } from "../values/number-saveable.js";
import type { OptimizerState } from "./optimizer-state.js";

/** The least power of β that tells the number of steps. Smaller ones have too few digits in float32, or none. */
const LEAST_POWER = 1e-30;

/** The powers of β that TensorFlow 1's Adam saves in place of the number of steps. */
export class BetaPowers {
  readonly beta1: NumberSaveable;
  readonly beta2: NumberSaveable;
  /** True if the power of β1, which was restored last, tells the number of steps. It is restored before that of β2. */
  #isTold = false;

  constructor(private readonly state: OptimizerState) {
    this.beta1 = this.#power("beta1", (power) => {
      this.#isTold = power >= LEAST_POWER;
      if (this.#isTold) state.iterations = this.#stepsOf("beta1", power);
    });
    this.beta2 = this.#power("beta2", (power) => {
      if (!this.#isTold) state.iterations = this.#stepsOf("beta2", Math.max(power, LEAST_POWER));
    });
  }

  #power(name: "beta1" | "beta2", set: (power: number) => void): NumberSaveable {
    const { state } = this;
    return new NumberSaveable(`${name}_power`, "float32", {
      get: () => state.beta(name) ** (state.iterations + 1),
      set,
    });
  }

  #stepsOf(name: "beta1" | "beta2", power: number): number {
    return Math.max(0, Math.round(Math.log(power) / Math.log(this.state.beta(name))) - 1);
  }
}
