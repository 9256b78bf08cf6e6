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
  /** Its name in the checkpoint. */
  readonly name: string;
  readonly dtype: DType;
  /** As far as it is known; a restored tensor must fit it. */
  readonly shape: PartialShape;
  /** Which part of the full tensor it is, as `shape_and_slice` text. Default: the whole. */
  readonly sliceSpec?: string;
  /** The value to save, asked for at every save. */
  value(): Tensor | Promise<Tensor>;
}

/**
 * Something outside of any graph that a saver can save and restore: it hands over its tensors and takes them back.
 * Derive from it for values that live elsewhere, or use {@link HostVariable}.
 */
export abstract class HostSaveable {
  /** @param name - what it is saved under where a list does not say otherwise */
  constructor(readonly name: string) {}

  /** Its tensors, in the order in which they are written. @param name - what it is saved under */
  abstract specs(name: string): readonly HostSpec[];

  /** Takes restored values, one per spec, in memory of their own. */
  abstract restore(tensors: readonly Tensor[]): void | Promise<void>;
}

/** Options of {@link HostVariable}. */
export interface HostVariableOptions {
  readonly name: string;
  /** Default: that of the value. */
  readonly dtype?: DType;
  /** The shape that restored values must have; `undefined` in it means any. Default: that of the value. */
  readonly shape?: PartialShape;
}

/** A value in memory under a name: what a variable is in TensorFlow's eager mode. */
export class HostVariable extends HostSaveable {
  readonly shape: PartialShape;
  #value: Tensor;

  /** @throws `InvalidArgumentError` if the value can't be of that dtype. */
  constructor(initialValue: TensorLike, options: HostVariableOptions) {
    super(options.name);
    this.#value = toTensor(initialValue, options.dtype);
    this.shape = options.shape ?? this.#value.shape;
  }

  get dtype(): DType {
    return this.#value.dtype;
  }

  get value(): Tensor {
    return this.#value;
  }

  /** @throws `ValueError` if the value does not fit dtype and shape. */
  assign(value: TensorLike): void {
    const tensor = toTensor(value, this.dtype);
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

/** @throws `ValueError` if a tensor can't be the value of a variable of a shape. */
export function requireShape(tensor: Tensor, shape: PartialShape, name: string): void {
  const { shape: given } = tensor;
  if (shapesCompatible(given, shape)) return;
  throw new ValueError(
    `Received incompatible tensor with shape ${formatShape(given)} when attempting to restore variable with shape ` +
      `${formatShape(shape)} and name ${name}.`,
    { tensor: name },
  );
}
