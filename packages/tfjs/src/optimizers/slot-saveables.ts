import { type NumericData, type Tensor, ValueError } from "@tfsaver/core";
import type { TfjsVariable } from "../tensorflowjs.js";
import { VariableSaveable } from "../values/variable-saveable.js";
import type { SlotKind } from "./optimizer-kinds.js";
import type { OptimizerState } from "./optimizer-state.js";

interface SlotOptions {
  /** True to scale values as Keras does. */
  readonly isScaled: boolean;
  /** As `remedy` of `HostSaveable`. */
  readonly remedy?: string | undefined;
}

/** Returns the saveables of an optimizer's slots: always the same one for a slot. */
export class SlotSaveables {
  readonly #known = new WeakMap<TfjsVariable, VariableSaveable>();

  constructor(
    private readonly state: OptimizerState,
    private readonly options: SlotOptions,
  ) {}

  /** Returns the saveables of all slots of a kind, in the order of the variables. Makes slots that are missing. */
  of(kind: SlotKind): readonly VariableSaveable[] {
    const { variables } = this.state;
    return this.state.slots(kind).map((slot, index) => {
      const known = this.#known.get(slot);
      if (known !== undefined) return known;
      const name = `${variables[index]?.name}/${kind.suffix}`;
      const { isScaled, remedy } = this.options;
      const saveable =
        kind.isScaled === true && isScaled
          ? new ScaledSaveable(this.state, slot, name, remedy)
          : new VariableSaveable(slot, name, remedy);
      this.#known.set(slot, saveable);
      return saveable;
    });
  }
}

/** Saves a slot whose value is -1 / learning rate times that of Keras. */
class ScaledSaveable extends VariableSaveable {
  constructor(
    private readonly state: OptimizerState,
    variable: TfjsVariable,
    name: string,
    remedy: string | undefined,
  ) {
    super(variable, name, remedy);
  }

  override check(_tensors: readonly Tensor[]): void {
    if (this.state.learningRate === 0) throw this.#noRate("restored");
  }

  protected override encode(data: NumericData): NumericData {
    const { learningRate } = this.state;
    if (learningRate === 0) throw this.#noRate("saved");
    return (data as Float32Array).map((value) => -learningRate * value);
  }

  protected override decode(data: NumericData): NumericData {
    const { learningRate } = this.state;
    return (data as Float32Array).map((value) => -value / learningRate);
  }

  #noRate(what: string): ValueError {
    return new ValueError(
      `${this.name} can't be ${what}: Keras' momentum is that of TensorFlow.js times the learning rate, which is 0. Set a ` +
        'learning rate, or use the layout "tf1".',
    );
  }
}
