import { keep, tensor as makeTensor, type Tensor as TfjsTensor, tidy } from "@tensorflow/tfjs-core";
import { type DType, FailedPreconditionError, type NumericData, type Tensor, UnimplementedError } from "@tfsaver/core";
import { HostSaveable, type HostSpec } from "@tfsaver/saver-builders";
import { nameOf, type TfjsValue, type TfjsVariable, variableOf } from "../tensorflowjs.js";

/** Dtypes in checkpoints, by the dtypes of TensorFlow.js that are saved. */
const DTYPES: Readonly<Record<string, DType>> = { float32: "float32", int32: "int32", bool: "bool" };

/** Saves a variable of TensorFlow.js, and restores it in place. */
export class VariableSaveable extends HostSaveable {
  constructor(
    readonly variable: TfjsVariable,
    name: string,
    override readonly remedy?: string | undefined,
  ) {
    super(name);
  }

  override specs(name: string): readonly HostSpec[] {
    const { variable } = this;
    const dtype = DTYPES[variable.dtype];
    if (variable.isDisposed)
      throw new FailedPreconditionError(
        `${this.name} is disposed: leave it out, or make a new \`trackable\` or \`saveablesOf\` of the current variables`,
      );
    if (dtype === undefined)
      throw new UnimplementedError(
        `${this.name} is a variable of dtype ${variable.dtype}, but only float32, int32 and bool are saved: leave it out`,
      );
    return [{ name, dtype, shape: variable.shape, value: () => this.#read(dtype) }];
  }

  override restore([tensor]: readonly Tensor[]): void {
    const { data, shape } = tensor as Tensor;
    assign(this.variable, this.decode(data as NumericData), shape);
  }

  /** Returns the value to save for the value here. May change the array. */
  protected encode(data: NumericData): NumericData {
    return data;
  }

  /** Returns the value here for a saved value. May change the array. */
  protected decode(data: NumericData): NumericData {
    return data;
  }

  /** The clone shares the variable's memory: what the variable is assigned later does not reach it. */
  #read(dtype: DType): Promise<Tensor> {
    const held = tidy(() => keep((this.variable as unknown as TfjsTensor).clone()));
    const read = async () => {
      try {
        // A copy: on some backends, the array is the tensor's own memory.
        const data = (await held.data()).slice();
        return { dtype, shape: [...held.shape], data: this.encode(data) };
      } finally {
        held.dispose();
      }
    };
    return read();
  }
}

/** Assigns an array to a variable. */
export function assign(variable: TfjsVariable, data: NumericData, shape: readonly number[]): void {
  const { dtype } = variable;
  tidy(() => {
    variable.assign(makeTensor(data as Float32Array, [...shape], dtype as "float32") as never);
  });
}

const saveables = new WeakMap<TfjsVariable, VariableSaveable>();

/** Returns the saveable of a variable: always the same one, so that shared variables are saved once. */
export function saveableOf(value: TfjsValue): VariableSaveable {
  const variable = variableOf(value);
  const known = saveables.get(variable);
  if (known !== undefined) return known;
  const saveable = new VariableSaveable(variable, nameOf(value));
  saveables.set(variable, saveable);
  return saveable;
}
