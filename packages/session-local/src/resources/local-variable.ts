import { FailedPreconditionError, type Shape, type Tensor } from "@tfsaver/core";
import { sizeOf } from "../run/memory/tensor-size.js";

/** Identifies a {@link LocalVariable} in its session. */
export interface VariableKey {
  /** `resource` behind a resource handle (`VarHandleOp`), `reference` otherwise (`VariableV2`). */
  readonly kind: "resource" | "reference";
  /** Variables in different containers are different, even if they have the same name. `""` is the default container. */
  readonly container: string;
  /** Operations with the same name share the variable. */
  readonly name: string;
}

/**
 * The memory of one variable in a {@link LocalSession}. It flows between operations as a reference, which is read when a
 * kernel asks for a tensor, or as a resource handle. {@link KernelCall.assign} sets the value.
 */
export abstract class LocalVariable implements VariableKey {
  readonly kind: VariableKey["kind"];
  readonly container: string;
  readonly name: string;

  /**
   * @internal
   * @param opName - name of the operation that made it, for messages about a reference
   * @param declaredShape - for a reference: the shape that a first, checked value must have
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

  /** The value, or `undefined` before the first assignment. Don't write to its data. */
  abstract get value(): Tensor | undefined;

  /** Size of the value in bytes. */
  get bytes(): number {
    return this.value === undefined ? 0 : sizeOf(this.value);
  }

  /**
   * Returns the value. A reference without elements has one from the start.
   *
   * @throws `FailedPreconditionError` before the first assignment.
   */
  read(): Tensor {
    const { value } = this;
    if (value !== undefined) return value;
    throw new FailedPreconditionError(
      this.kind === "reference"
        ? `Attempting to use uninitialized value ${this.opName}`
        : `Could not find variable ${this.name}: it is uninitialized, or was deleted ` +
            `(container ${this.container === "" ? "localhost" : this.container})`,
    );
  }
}

/** A variable as its session sees it. Kernels can't set a value: the session tracks who owns its memory. */
export class AssignableVariable extends LocalVariable {
  #value: Tensor | undefined;
  #bytes = 0;

  override get value(): Tensor | undefined {
    return this.#value;
  }

  override get bytes(): number {
    return this.#bytes;
  }

  set(value: Tensor): void {
    this.#value = value;
    this.#bytes = sizeOf(value);
  }
}
