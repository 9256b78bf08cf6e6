import { UnimplementedError } from "@tfsaver/core";
import type { TfjsOptimizer } from "../tensorflowjs.js";

/** One kind of slot that an optimizer has for each variable. */
export interface SlotKind {
  /** The optimizer's property: a list in the order of the variables. */
  readonly field: string;
  /** The last part of the name that TensorFlow.js gives a slot. */
  readonly suffix: string;
  /** The list of Keras' optimizer. Undefined if it has none for this configuration. */
  readonly keras: string | undefined;
  /** The slot name of TensorFlow 1's optimizer. Undefined if it has no such optimizer. */
  readonly tf1?: string;
  /** The last part of the name of TensorFlow 1's slot variable. */
  readonly tf1Name?: string;
  /** Value before the first step. */
  readonly initial: number;
  /** True if Keras makes another list at the first step, so that only the list of all its variables restores the slots. */
  readonly isReplaced?: true;
  /** True if Keras' value is the value here, times minus the learning rate. */
  readonly isScaled?: true;
}

/** An optimizer's state, apart from learning rate and steps. */
export interface OptimizerKind {
  /** In the order of Keras. */
  readonly slots: readonly SlotKind[];
  /** Powers of β that are kept beside the number of steps, by the names of their properties: the exponent is steps + 1. */
  readonly powers?: Readonly<Record<string, "beta1" | "beta2">>;
  /** A second counter of steps. */
  readonly counter?: string;
}

const CENTERED: SlotKind = {
  ...{ field: "accumulatedMeanGrads", suffix: "mg", initial: 0, isReplaced: true },
  ...{ keras: "_average_gradients", tf1: "mg", tf1Name: "RMSProp_1" },
};

/** The fields are private in TensorFlow.js. `OptimizerState` makes sure that they are there. */
const KINDS: Readonly<Record<string, (config: Readonly<Record<string, unknown>>) => OptimizerKind>> = {
  SGD: () => ({ slots: [] }),
  Momentum: () => ({
    slots: [
      {
        ...{ field: "accumulations", suffix: "momentum", initial: 0, keras: "momentums" },
        ...{ tf1: "momentum", tf1Name: "Momentum", isScaled: true, isReplaced: true },
      },
    ],
  }),
  Adam: () => ({
    slots: [
      {
        ...{ field: "accumulatedFirstMoment", suffix: "m", initial: 0, keras: "_momentums" },
        ...{ tf1: "m", tf1Name: "Adam" },
      },
      {
        ...{ field: "accumulatedSecondMoment", suffix: "v", initial: 0, keras: "_velocities" },
        ...{ tf1: "v", tf1Name: "Adam_1" },
      },
    ],
    powers: { accBeta1: "beta1", accBeta2: "beta2" },
  }),
  Adamax: () => ({
    slots: [
      { field: "accumulatedFirstMoment", suffix: "m", initial: 0, keras: "_m" },
      { field: "accumulatedWeightedInfNorm", suffix: "v", initial: 0, keras: "_u" },
    ],
    powers: { accBeta1: "beta1" },
    counter: "iteration",
  }),
  Adagrad: ({ initialAccumulatorValue }) => ({
    slots: [
      {
        ...{ field: "accumulatedGrads", suffix: "accumulator", initial: Number(initialAccumulatorValue) },
        ...{ keras: "_accumulators", tf1: "accumulator", tf1Name: "Adagrad" },
      },
    ],
  }),
  RMSProp: ({ momentum, centered }) => ({
    slots: [
      {
        ...{ field: "accumulatedMeanSquares", suffix: "rms", initial: 0, keras: "_velocities" },
        ...{ tf1: "rms", tf1Name: "RMSProp" },
      },
      {
        ...{ field: "accumulatedMoments", suffix: "momentum", initial: 0, isReplaced: true },
        ...{ keras: Number(momentum) > 0 ? "_momentums" : undefined },
        ...{ tf1: "momentum", tf1Name: centered ? "RMSProp_2" : "RMSProp_1" },
      },
      ...(centered ? [CENTERED] : []),
    ],
  }),
  Adadelta: () => ({
    slots: [
      {
        ...{ field: "accumulatedGrads", suffix: "accum_grad", initial: 0, keras: "_accumulated_grads" },
        ...{ tf1: "accum", tf1Name: "Adadelta" },
      },
      {
        ...{ field: "accumulatedUpdates", suffix: "accum_var", initial: 0, keras: "_accumulated_delta_vars" },
        ...{ tf1: "accum_update", tf1Name: "Adadelta_1" },
      },
    ],
  }),
};

/** @throws `UnimplementedError` for an optimizer that is not one of TensorFlow.js' own. */
export function kindOf(optimizer: TfjsOptimizer): OptimizerKind {
  const kind = Object.hasOwn(KINDS, optimizer.getClassName()) ? KINDS[optimizer.getClassName()] : undefined;
  if (kind !== undefined) return kind(optimizer.getConfig() as Readonly<Record<string, unknown>>);
  throw new UnimplementedError(
    `The state of the optimizer ${optimizer.getClassName()} is not known. Use one of ${Object.keys(KINDS).join(", ")}, or save ` +
      "its variables with saveablesOf.",
  );
}
