/** Ends of the names of slots that follow the name of their variable and a `/`. */
const SLOTS = new RegExp(
  `/(?:${[
    // tf.compat.v1.train and tf.contrib: the name of the optimizer, then a number for further slots.
    "(?:Adam|AdamW|LazyAdam|AdaMax|Nadam|Momentum|MomentumW|LARSOptimizer|Adagrad|AdagradDA|ProximalAdagrad|RMSProp|Adadelta|Ftrl|AddSign|PowerSign)(?:_\\d+)?",
    // AdamWeightDecayOptimizer of BERT, and those made from it.
    "(?:adam|lamb)_[mv](?:_\\d+)?",
    "ExponentialMovingAverage(?:/(?:biased|local_step))*",
  ].join("|")})$`,
);

/** Ends of the names of Adafactor's slots (T5, Mesh TensorFlow), which follow the name of their variable. */
const ADAFACTOR_SLOTS = /_slot_(?:v|vr|vc|m)$/;

/** Scopes of the variables of Keras' optimizers in a graph: `training/Adam/dense/kernel/m`, `adam/dense_kernel_momentum`. */
const KERAS_SCOPE =
  /^(?:training(?:_\d+)?\/)?(?:Adam|AdamW|Adamax|Nadam|SGD|RMSprop|Adagrad|Adadelta|Adafactor|Ftrl|Lion|Lamb|adam|adam_w|adamax|nadam|sgd|rm_?sprop|adagrad|adadelta|adafactor|ftrl|lion|lamb|Muon|muon)(?:_\d+)?\/(.+)$/;

/** What stands behind such a scope: a counter or a hyperparameter, or a slot. */
const KERAS_COUNTERS =
  /^(?:iter|iteration|iterations|learning_rate|decay|beta_1|beta_2|rho|momentum|momentum_cache|epsilon)(?:_\d+)?$/;
const KERAS_SLOTS =
  /(?:\/(?:m|v|vhat|momentum|rms|mg|accumulator|accum_grad|accum_var|linear)(?:_\d+)?|_(?:momentum|velocity|velocity_hat|norm|accumulator|accumulated_grad|accumulated_delta_var|average_gradient|linear|average))$/;

/** Counters of optimizers of `tf.compat.v1.train`, alone or in a scope. */
const POWERS = /(?:^|\/)beta[12]_power(?:_\d+)?$/;

/** Parts of the key of a slot in an object-based checkpoint: `layer/kernel/.OPTIMIZER_SLOT/optimizer/m/.ATTRIBUTES/…`. */
const [SLOT_PART, VALUE_PART] = ["/.OPTIMIZER_SLOT/", "/.ATTRIBUTES/VARIABLE_VALUE"];

/**
 * Returns the name of the variable that a name is a slot of, as optimizers of TensorFlow or Keras, or
 * `ExponentialMovingAverage`, name their slots; `undefined` if it is none.
 *
 * @param names - the names of the checkpoint: only a slot whose variable is among them is one
 *
 * @example
 * ```ts
 * import { slotOwner } from "@tfsaver/checkpoint-tools";
 *
 * console.log(slotOwner("dense/kernel/Adam_1", new Set(["dense/kernel"]))); // dense/kernel
 * ```
 */
export function slotOwner(name: string, names: { has(name: string): boolean }): string | undefined {
  const [, inScope = ""] = KERAS_SCOPE.exec(name) ?? [];
  const slot = name.endsWith(VALUE_PART) ? name.lastIndexOf(SLOT_PART) : -1;
  const candidates = [
    slot < 0 ? undefined : name.slice(0, slot) + VALUE_PART,
    ...[SLOTS, ADAFACTOR_SLOTS].map((end) => withoutEnd(name, end)),
    withoutEnd(inScope, KERAS_SLOTS),
  ];
  return candidates.find((owner) => owner !== undefined && owner !== "" && owner !== name && names.has(owner));
}

function withoutEnd(name: string, end: RegExp): string | undefined {
  const found = end.exec(name);
  return found === null ? undefined : name.slice(0, found.index);
}

/** True if a name is that of a variable that an optimizer of TensorFlow or Keras, or `ExponentialMovingAverage`, keeps. */
export function isOptimizerName(name: string, names: { has(name: string): boolean }): boolean {
  if (POWERS.test(name)) return true;
  for (const end of [SLOTS, ADAFACTOR_SLOTS]) {
    const found = end.exec(name);
    // A layer may have such a name, too.
    if (found !== null && names.has(name.slice(0, found.index))) return true;
  }
  const [, inScope = ""] = KERAS_SCOPE.exec(name) ?? [];
  return KERAS_COUNTERS.test(inScope) || KERAS_SLOTS.test(inScope);
}

const AVERAGE = "/ExponentialMovingAverage";

/** Returns the name of the variable that a name is the moving average of; `undefined` if it is none. */
export function averagedName(name: string): string | undefined {
  return name.endsWith(AVERAGE) ? name.slice(0, -AVERAGE.length) : undefined;
}

/** True if a name is that of a variable with which `ExponentialMovingAverage` computes an average. */
export function isAverageHelper(name: string): boolean {
  return /\/ExponentialMovingAverage\/.*(?:biased|local_step)$/.test(name);
}
