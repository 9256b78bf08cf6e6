import { type OptionNames, requireKnown, ValueError } from "@tfsaver/core";
import type { HostSaveable, Trackable } from "@tfsaver/saver-builders";
import { layerNode } from "./models/layer-node.js";
import { ModelNode } from "./models/model-node.js";
import { KerasOptimizer } from "./optimizers/keras-optimizer.js";
import { OptimizerState } from "./optimizers/optimizer-state.js";
import type { LearningRateSchedule } from "./optimizers/schedule.js";
import { Tf1Optimizer } from "./optimizers/tf1-optimizer.js";
import { isModel, isOptimizer, isValue, type TfjsModel, type TfjsOptimizer, type TfjsValue } from "./tensorflowjs.js";
import { saveableOf } from "./values/variable-saveable.js";

/** Options of {@link trackable}. */
export interface TrackableOptions {
  /**
   * Whose optimizer restores the checkpoint: that of Keras 2 and 3 (`keras`), or `tf.compat.v1.train` (`tf1`). Default: `keras`.
   */
  readonly layout?: "keras" | "tf1" | undefined;
  /**
   * The variables that an optimizer trains, in the order of their gradients. Default: those of its slots, or all trainable
   * variables before its first step, as in TensorFlow.js. A model's optimizer trains the model's trainable weights.
   */
  readonly variables?: readonly TfjsValue[] | undefined;
  /** False to leave out the optimizer of a model. Default: true. */
  readonly optimizer?: boolean | undefined;
  /**
   * The learning-rate schedule of Keras' optimizer, as a function of the number of steps. Its checkpoints then have no learning
   * rate: a restore sets that of the restored step, and `setLearningRate` sets that of each later one. Default: none.
   */
  readonly schedule?: LearningRateSchedule | undefined;
}

/** Returns the object of an optimizer, given the variables that it trains. */
type WrapOptimizer = (optimizer: TfjsOptimizer, trained: () => readonly TfjsValue[] | undefined) => Trackable;

const OPTIONS: OptionNames<TrackableOptions> = { layout: true, variables: true, optimizer: true, schedule: true };

/**
 * Returns the object of a model, an optimizer or a variable for a `Checkpoint` of `@tfsaver/object-checkpoint`.
 *
 * A model's children are those of Keras' models: Keras 3 and Keras 2 restore what it saves, and it restores what they save. With
 * a compiled model, its optimizer is saved too: learning rate, number of steps and slots. Slots that do not exist before the
 * first step are made.
 *
 * @throws `UnimplementedError` for an optimizer that is not one of
 * TensorFlow.js 4.22, and for Adamax in the layout `tf1`; `ValueError` for anything else; `TypeError` for an unknown option.
 * @example
 * ```ts
 * import { SGDOptimizer, variable, tensor } from "@tensorflow/tfjs-core";
 * import { Checkpoint } from "@tfsaver/object-checkpoint";
 * import { trackable } from "@tfsaver/tfjs";
 *
 * const weights = variable(tensor([1, 2]));
 * const optimizer = new SGDOptimizer(0.1);
 * const checkpoint = new Checkpoint({
 *   weights: trackable(weights),
 *   optimizer: trackable(optimizer, { variables: [weights] }),
 * });
 * await checkpoint.save("run/ckpt");
 * ```
 */
export function trackable(
  object: TfjsModel | TfjsOptimizer | TfjsValue,
  options: TrackableOptions = {},
): Trackable | HostSaveable {
  requireKnown("trackable", options, OPTIONS);
  const { layout = "keras", variables, optimizer = true, schedule } = options;
  if (layout !== "keras" && layout !== "tf1")
    throw new ValueError(`layout must be "keras" or "tf1", not ${String(layout)}`);
  if (layout === "tf1" && schedule !== undefined)
    throw new ValueError(
      'schedule is only for the layout "keras": TensorFlow 1 saves no learning rate, so leave it out',
    );
  const wrap: WrapOptimizer = (optimizer, trained) => {
    const state = new OptimizerState(optimizer, trained);
    for (const kind of state.kind.slots) state.slots(kind);
    return layout === "keras" ? new KerasOptimizer(state, schedule) : new Tf1Optimizer(state);
  };
  if (typeof object === "object" && object !== null) {
    if (isModel(object)) return optimizer ? compiledModel(object, wrap) : layerNode(object);
    if (isOptimizer(object)) return wrap(object, () => variables);
    if (isValue(object)) return saveableOf(object);
  }
  throw new ValueError(`trackable takes a model, an optimizer or a variable of TensorFlow.js, not ${String(object)}`);
}

function compiledModel(model: TfjsModel, wrap: WrapOptimizer): Trackable {
  let last: { readonly optimizer: TfjsOptimizer; readonly node: Trackable } | undefined;
  const optimizer = () => {
    const { optimizer } = model;
    if (optimizer === undefined || optimizer === null) return undefined;
    if (last?.optimizer !== optimizer) last = { optimizer, node: wrap(optimizer, () => model.trainableWeights) };
    return last.node;
  };
  optimizer();
  return new ModelNode(model, layerNode, optimizer);
}
