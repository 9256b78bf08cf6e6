import { FailedPreconditionError, type Shape, type Tensor } from "@tfsaver/core";
import { sizeOf } from "../run/tensor-size.js";

/** What a {@link LocalVariable} is known by in its session. */
export interface VariableKey {
  /** Whether it lies behind a resource handle (`VarHandleOp`) or is a reference (`VariableV2`). */
  readonly kind: "resource" | "reference";
  /** Variables of one name in different containers are different ones. `""` is the default container. */
  readonly container: string;
  /** Shared by all operations that ask for it. */
  readonly name: string;
}

/** Gives a variable a value. Not a method: kernels use {@link KernelCall.assign}, which looks after who owns memory. */
export let setValue: (variable: LocalVariable, value: Tensor) => void;

/**
 * The memory of one variable in a {@link LocalSession}. What flows between operations of a graph is either a tensor or
 * one of these: as a reference, which is read when a kernel asks for a tensor, or as a resource handle.
 */
export class LocalVariable implements VariableKey {
  readonly kind: VariableKey["kind"];
  readonly container: string;
  readonly name: string;
  #value: Tensor | undefined;
  #bytes = 0;

  static {
    setValue = (variable, value) => variable.#set(value);
  }

  /**
   * @internal
   * @param opName - the operation that made it, which messages about a reference name
   * @param declaredShape - of a reference: the shape that a first, checked value must have
   */
  constructor(
    key: VariableKey,
    readonly opName: string,
    readonly declaredShape: Shape | undefined,
  ) {
    this.kind = key.kind;
    this.container = key.container;
    this.name = key.name;
  }

  /** The value; `undefined` before the first assignment. Its data is not to be written to. */
  get value(): Tensor | undefined {
    return this.#value;
  }

  /** Bytes that the value takes. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The value.
   *
   * @throws `FailedPreconditionError` with TensorFlow's beginning, before the first assignment. A reference of no
   * elements has its value from the start.
   */
  read(): Tensor {
    if (this.#value !== undefined) return this.#value;
    throw new FailedPreconditionError(
      this.kind === "reference"
        ? `Attempting to use uninitialized value ${this.opName}`
        : `Could not find variable ${this.name}: it is uninitialized, or was deleted ` +
            `(container ${this.container === "" ? "localhost" : this.container})`,
    );
  }

  #set(value: Tensor): void {
    this.#value = value;
    this.#bytes = sizeOf(value);
  }
}
