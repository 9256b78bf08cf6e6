/** Ends of the names of slots of `tf.compat.v1.train` and `tf.contrib`, and of BERT's Adam and its descendants. */
export const SLOTS =
  /\/(?:Adam|AdamW|LazyAdam|AdaMax|Nadam|Momentum|MomentumW|LARSOptimizer|Adagrad|AdagradDA|ProximalAdagrad|RMSProp|Adadelta|Ftrl|AddSign|PowerSign|adam_[mv]|lamb_[mv])(?:_\d+)?$/;

/** Ends of the names of Adafactor's slots (T5, Mesh TensorFlow). */
export const ADAFACTOR_SLOTS = /_slot_(?:v|vr|vc|m)$/;

/** Counters of optimizers of `tf.compat.v1.train`, alone or in a scope. */
const POWERS = /(?:^|\/)beta[12]_power(?:_\d+)?$/;

/** Scopes of the variables of Keras' optimizers in a graph: `training/Adam/dense/kernel/m`, `adam/dense_kernel_momentum`. */
export const KERAS_SCOPE =
  /^(?:training(?:_\d+)?\/)?(?:Adam|AdamW|Adamax|Nadam|SGD|RMSprop|Adagrad|Adadelta|Adafactor|Ftrl|Lion|Lamb|Muon|adam|adam_w|adamax|nadam|sgd|rm_?sprop|adagrad|adadelta|adafactor|ftrl|lion|lamb|muon)(?:_\d+)?\/(.+)$/;

/** Ends of the names of slots in such a scope that follow the name of their variable. */
export const KERAS_SLOTS = /\/(?:m|v|vhat|momentum|rms|mg|accumulator|accum_grad|accum_var|linear)(?:_\d+)?$/;

/** What stands in such a scope: a counter or hyperparameter, or a slot. */
const KERAS_VARIABLES = [
  /^(?:iter|iterations?|learning_rate|decay|beta_[12]|rho|momentum|momentum_cache|epsilon|Variable)(?:_\d+)?$/,
  /^(?:m|v|vhat|momentum|velocity|velocity_hat|accumulator|average_gradient)\/./,
  KERAS_SLOTS,
  /_(?:momentum|velocity|velocity_hat|norm|accumulator|accumulated_grad|accumulated_delta_var|average_gradient|linear|average)$/,
];

/** The names of a checkpoint. */
export interface Names {
  has(name: string): boolean;
}

/** True if a name is that of a variable that an optimizer of TensorFlow or Keras, or `ExponentialMovingAverage`, keeps. */
export function isOptimizerName(name: string, names: Names): boolean {
  if (POWERS.test(name) || isAverageName(name)) return true;
  for (const end of [SLOTS, ADAFACTOR_SLOTS]) {
    const found = end.exec(name);
    // A layer may have such a name, too.
    if (found !== null && variableOf(name.slice(0, found.index), names) !== undefined) return true;
  }
  const [, inScope] = KERAS_SCOPE.exec(name) ?? [];
  return inScope !== undefined && KERAS_VARIABLES.some((pattern) => pattern.test(inScope));
}

const AVERAGE = "/ExponentialMovingAverage";

/** True if a name is that of a moving average, or of a variable with which `ExponentialMovingAverage` computes one. */
export function isAverageName(name: string): boolean {
  return name.endsWith(AVERAGE) || (name.includes(`${AVERAGE}/`) && /\/(?:biased|local_step)$/.test(name));
}

/**
 * Pairs variables with their moving averages: names of averages by names of variables. Averages of other values, such as losses,
 * are left out, unless there are no variables beside the averages.
 */
export function averagesOfNames(all: readonly string[]): Map<string, string> {
  const names = new Set(all);
  const averages = all.filter((name) => name.endsWith(AVERAGE));
  const pairs = averages.map((name) => [variableOf(name.slice(0, -AVERAGE.length), names), name] as const);
  const found = pairs.filter((pair): pair is readonly [string, string] => pair[0] !== undefined);
  return new Map(found.length > 0 ? found : averages.map((name) => [name.slice(0, -AVERAGE.length), name]));
}

/** Names of variables are not longer than this. */
const MAX_LENGTH = 2000;

/** Returns the variable that a slot belongs to: what was made in a scope begins with it, `train/layer/w` for `layer/w`. */
function variableOf(name: string, names: Names): string | undefined {
  if (name.length > MAX_LENGTH) return undefined;
  for (let at = 0; ; ) {
    const variable = name.slice(at);
    if (names.has(variable)) return variable;
    const next = name.indexOf("/", at);
    if (next < 0) return undefined;
    at = next + 1;
  }
}
