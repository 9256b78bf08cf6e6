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
  readonly tf1: string | undefined;
  /** Value before the first step. */
  readonly initial: number;
  /** True if Keras' value is the value here, times minus the learning rate. */
  readonly isScaled?: true;
}

/** An optimizer's state, apart from learning rate and steps. */
export interface OptimizerKind {
  /** In the order in which TensorFlow 1 makes the slots, which numbers their names. */
  readonly slots: readonly SlotKind[];
  /** The name that TensorFlow 1 gives the optimizer, which is part of the names of its slots. */
  readonly tf1Name: string;
  /** Powers of β that are kept beside the number of steps, by the names of their properties: the exponent is steps + 1. */
  readonly powers?: Readonly<Record<string, "beta1" | "beta2">>;
  /** A second counter of steps. */
  readonly counter?: string;
}

const NO_SLOTS: OptimizerKind = { slots: [], tf1Name: "GradientDescent" };

/** The fields are private in TensorFlow.js. `OptimizerState` makes sure that they are there. */
const KINDS: Readonly<Record<string, (config: Readonly<Record<string, unknown>>) => OptimizerKind>> = {
  SGD: () => NO_SLOTS,
  Momentum: () => ({
    tf1Name: "Momentum",
    slots: [
      {
        ...{ field: "accumulations", suffix: "momentum", initial: 0 },
        ...{ keras: "momentums", tf1: "momentum", isScaled: true },
      },
    ],
  }),
  Adam: () => ({
    tf1Name: "Adam",
    slots: [
      { field: "accumulatedFirstMoment", suffix: "m", keras: "_momentums", tf1: "m", initial: 0 },
      { field: "accumulatedSecondMoment", suffix: "v", keras: "_velocities", tf1: "v", initial: 0 },
    ],
    powers: { accBeta1: "beta1", accBeta2: "beta2" },
  }),
  Adamax: () => ({
    tf1Name: "Adamax",
    slots: [
      { field: "accumulatedFirstMoment", suffix: "m", keras: "_m", tf1: undefined, initial: 0 },
      { field: "accumulatedWeightedInfNorm", suffix: "v", keras: "_u", tf1: undefined, initial: 0 },
    ],
    powers: { accBeta1: "beta1" },
    counter: "iteration",
  }),
  Adagrad: ({ initialAccumulatorValue }) => ({
    tf1Name: "Adagrad",
    slots: [
      {
        ...{ field: "accumulatedGrads", suffix: "accumulator", initial: Number(initialAccumulatorValue) },
        ...{ keras: "_accumulators", tf1: "accumulator" },
      },
    ],
  }),
  RMSProp: ({ momentum, centered }) => ({
    tf1Name: "RMSProp",
    slots: [
      { field: "accumulatedMeanSquares", suffix: "rms", keras: "_velocities", tf1: "rms", initial: 0 },
      ...(centered
        ? [
            {
              ...{ field: "accumulatedMeanGrads", suffix: "mg", initial: 0 },
              ...{ keras: "_average_gradients", tf1: "mg" },
            },
          ]
        : []),
      {
        ...{ field: "accumulatedMoments", suffix: "momentum", initial: 0 },
        ...{ keras: Number(momentum) > 0 ? "_momentums" : undefined, tf1: "momentum" },
      },
    ],
  }),
  Adadelta: () => ({
    tf1Name: "Adadelta",
    slots: [
      {
        ...{ field: "accumulatedGrads", suffix: "accum_grad", initial: 0 },
        ...{ keras: "_accumulated_grads", tf1: "accum" },
      },
      {
        ...{ field: "accumulatedUpdates", suffix: "accum_var", initial: 0 },
        ...{ keras: "_accumulated_delta_vars", tf1: "accum_update" },
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
