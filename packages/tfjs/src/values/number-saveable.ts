import { type Tensor, ValueError } from "@tfsaver/core";
import { HostSaveable, type HostSpec } from "@tfsaver/saver-builders";

/** Largest number of steps that TensorFlow.js can save itself, as an int32. */
const MAX_STEPS = 2 ** 31 - 1;

/** A number that is kept outside of tensors. */
export interface KeptNumber {
  readonly get: () => number;
  readonly set: (value: number) => void;
  /** Throws if the number can't be set. Called before any value of a restore changes. */
  readonly check?: (value: number) => void;
  /** As `remedy` of `HostSaveable`. */
  readonly remedy?: string;
}

/** Saves a number that TensorFlow.js keeps outside of tensors, as a scalar. */
export class NumberSaveable extends HostSaveable {
  override readonly remedy: string | undefined;

  constructor(
    name: string,
    private readonly dtype: "float32" | "int64",
    private readonly number: KeptNumber,
  ) {
    super(name);
    this.remedy = number.remedy;
  }

  override specs(name: string): readonly HostSpec[] {
    const value = () => {
      const number = this.number.get();
      const data = this.dtype === "int64" ? BigInt64Array.of(BigInt(number)) : Float32Array.of(number);
      return { dtype: this.dtype, shape: [], data };
    };
    return [{ name, dtype: this.dtype, shape: [], value }];
  }

  override check([tensor]: readonly Tensor[]): void {
    const value = scalarOf(tensor);
    const isSteps = this.dtype === "int64";
    if (value >= 0 && value <= (isSteps ? MAX_STEPS : Number.MAX_VALUE)) {
      this.number.check?.(value);
      return;
    }
    const range = isSteps ? `an integer from 0 to ${MAX_STEPS}` : "a finite number that is not negative";
    throw new ValueError(
      `${this.name} is ${value} in the checkpoint, but TensorFlow.js needs ${range}. No value was restored. Leave the ` +
        "optimizer out, or restore another checkpoint.",
      { tensor: this.name },
    );
  }

  override restore([tensor]: readonly Tensor[]): void {
    this.number.set(scalarOf(tensor));
  }
}

function scalarOf(tensor: Tensor | undefined): number {
  return Number((tensor as Tensor).data[0]);
}
