import {
  type DType,
  formatShape,
  type PartialShape,
  shapesCompatible,
  type Tensor,
  type TensorLike,
  toTensor,
  ValueError,
} from "@tfsaver/core";

/** One tensor of a {@link HostSaveable}. */
export interface HostSpec {
  /** Name in the checkpoint. */
  readonly name: string;
  readonly dtype: DType;
  /** The shape that a restored tensor must fit; unknown dimensions accept any size. */
  readonly shape: PartialShape;
  /** The part of the full tensor that it is, as `shape_and_slice` text. Default: the whole. */
  readonly sliceSpec?: string;
  /** Returns the value to save. Called within every call of `save`: a promise must mean the value of that moment. */
  value(): Tensor | Promise<Tensor>;
}

/**
 * Something outside of any graph that a saver can save and restore. Extend it for values that live elsewhere, or use
 * {@link HostVariable}.
 */
export abstract class HostSaveable {
  /** A sentence that ends the error message where a checkpoint has no value that fits, and says what to do. Default: none. */
  readonly remedy?: string | undefined;

  /** @param name - the name to save it under if the list or dictionary has no other */
  constructor(readonly name: string) {}

  /**
   * Returns its tensors, in the order in which they are written.
   *
   * @param name - the name to save it under
   */
  abstract specs(name: string): readonly HostSpec[];

  /**
   * Makes sure that it can take restored values. Called before the first value of a restore changes. Default: takes all.
   *
   * @throws an error that names the value that it can't take.
   */
  check(_tensors: readonly Tensor[]): void {}

  /** Takes restored values, one per spec. Their memory belongs to the receiver. */
  abstract restore(tensors: readonly Tensor[]): void | Promise<void>;
}

/** Options of {@link HostVariable}. */
export interface HostVariableOptions {
  readonly name: string;
  /** Default: that of the value. */
  readonly dtype?: DType;
  /** The shape that values must fit; unknown dimensions (-1) accept any size. Default: that of the value. */
  readonly shape?: PartialShape;
}

/**
 * A named value in memory, like a variable in TensorFlow's eager mode.
 *
 * @example
 * ```ts
 * import { HostVariable } from "@tfsaver/saver-builders";
 *
 * const step = new HostVariable(0, { name: "step", dtype: "int32" });
 * step.assign(7);
 * console.log(step.value.data); // Int32Array(1) [ 7 ]
 * ```
 */
export class HostVariable extends HostSaveable {
  readonly shape: PartialShape;
  #value: Tensor;

  /** @throws `InvalidArgumentError` if the value is not a valid tensor, or can't be converted to the dtype. */
  constructor(initialValue: TensorLike, options: HostVariableOptions) {
    super(options.name);
    this.#value = toTensor(initialValue, options.dtype, undefined, `Variable ${options.name}`);
    this.shape = options.shape ?? this.#value.shape;
  }

  get dtype(): DType {
    return this.#value.dtype;
  }

  get value(): Tensor {
    return this.#value;
  }

  /**
   * Replaces the value.
   *
   * @throws `InvalidArgumentError` if the value is not a valid tensor, or can't be converted to the dtype; `ValueError` if it
   * doesn't fit the shape.
   */
  assign(value: TensorLike): void {
    const tensor = toTensor(value, this.dtype, undefined, `Variable ${this.name}`);
    requireShape(tensor, this.shape, this.name);
    this.#value = tensor;
  }

  override specs(name: string): readonly HostSpec[] {
    return [{ name, dtype: this.dtype, shape: this.shape, value: () => this.#value }];
  }

  override restore([tensor]: readonly Tensor[]): void {
    this.#value = tensor as Tensor;
  }
}

/** @throws `ValueError` if a tensor doesn't fit the shape of a variable. */
export function requireShape(tensor: Tensor, shape: PartialShape, name: string): void {
  const { shape: given } = tensor;
  if (shapesCompatible(given, shape)) return;
  throw new ValueError(
    `Received incompatible tensor with shape ${formatShape(given)} when attempting to restore variable with shape ` +
      `${formatShape(shape)} and name ${name}.`,
    { tensor: name },
  );
}
