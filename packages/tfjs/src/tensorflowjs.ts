/** What this package needs of TensorFlow.js' objects, as structural types. */

/** A variable of TensorFlow.js (`tf.Variable`). */
export interface TfjsVariable {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly trainable: boolean;
  readonly isDisposed: boolean;
  assign(value: never): unknown;
}

/** A weight of a layer of TensorFlow.js (`LayerVariable`). */
export interface TfjsLayerVariable {
  /** Unique in the process: gets `_1`, `_2`, … if it is taken. */
  readonly name: string;
  readonly originalName: string;
  read(): object;
  write(value: never): unknown;
}

/** A layer of TensorFlow.js (`tf.layers.Layer`). */
export interface TfjsLayer {
  readonly name: string;
  readonly weights: readonly TfjsLayerVariable[];
  getClassName(): string;
}

/** An optimizer of TensorFlow.js (`tf.train.Optimizer`). */
export interface TfjsOptimizer {
  readonly iterations: number;
  getClassName(): string;
  getConfig(): object;
  applyGradients(gradients: never): unknown;
}

/** A model of TensorFlow.js (`tf.LayersModel`, so `tf.Sequential` too). */
export interface TfjsModel extends TfjsLayer {
  readonly layers: readonly TfjsLayer[];
  readonly trainableWeights: readonly TfjsLayerVariable[];
  /** Undefined until the model is compiled. */
  readonly optimizer?: TfjsOptimizer | undefined;
}

/** A variable, or the weight of a layer. */
export type TfjsValue = TfjsVariable | TfjsLayerVariable;

/** True if an object is a model. */
export function isModel(value: object): value is TfjsModel {
  return "layers" in value && Array.isArray(value.layers) && "trainableWeights" in value;
}

/** True if an object is an optimizer. */
export function isOptimizer(value: object): value is TfjsOptimizer {
  return "applyGradients" in value && "getConfig" in value;
}

/** True if an object is a variable, or the weight of a layer. */
export function isValue(value: object): value is TfjsValue {
  return "assign" in value || ("read" in value && "write" in value);
}

/** Returns the variable that a layer keeps its weight in; a variable itself. */
export function variableOf(value: TfjsValue): TfjsVariable {
  return "assign" in value ? value : (value.read() as TfjsVariable);
}

/** Returns the name that does not depend on what else is in the process. */
export function nameOf(value: TfjsValue): string {
  return "originalName" in value ? value.originalName : value.name;
}
