import { mul, tidy } from "@tensorflow/tfjs-core";
import { ValueError } from "@tfsaver/core";
import type { TfjsOptimizer } from "../tensorflowjs.js";
import { OptimizerState } from "./optimizer-state.js";
import { requireRate } from "./schedule.js";

/**
 * Sets the learning rate of an optimizer for the next steps, as Keras does: earlier steps keep the rate that they were taken with.
 *
 * TensorFlow.js multiplies the momentum of earlier steps by the newest rate, Keras each step by its own. So the slots of a
 * `MomentumOptimizer` are scaled; for other optimizers, this only sets the rate. Call it before each step to train with a
 * learning-rate schedule.
 *
 * @param rate - finite and not negative; above 0 for a `MomentumOptimizer`
 * @throws `ValueError` for another rate, and if the rate of a `MomentumOptimizer` was 0; `UnimplementedError` for an optimizer
 * that is not one of TensorFlow.js 4.22.
 * @example
 * ```ts
 * import { MomentumOptimizer } from "@tensorflow/tfjs-core";
 * import { setLearningRate } from "@tfsaver/tfjs";
 *
 * const optimizer = new MomentumOptimizer(0.1, 0.9);
 * const schedule = (steps: number) => 0.1 * 0.96 ** (steps / 1000);
 * setLearningRate(optimizer, schedule(optimizer.iterations)); // before each step
 * ```
 */
export function setLearningRate(optimizer: TfjsOptimizer, rate: number): void {
  requireRate(rate, "rate");
  const state = new OptimizerState(optimizer, () => undefined);
  const before = state.learningRate;
  const scaled = state.kind.slots.filter(({ isScaled }) => isScaled).flatMap((kind) => state.existingSlots(kind));
  if (rate === before) return;
  if (scaled.length > 0 && (rate === 0 || before === 0)) {
    throw new ValueError(
      `rate is ${rate}, and was ${before}: the momentum of a ${optimizer.getClassName()} optimizer can't be kept at a rate of 0. ` +
        "Use a rate that is nearly 0.",
    );
  }
  tidy(() => {
    for (const slot of scaled) slot.assign(mul(slot as never, before / rate) as never);
  });
  state.learningRate = rate;
}
