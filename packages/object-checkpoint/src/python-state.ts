import { type Tensor, tensorStrings, toTensor } from "@tfsaver/core";
import { HostSaveable, type HostSpec, type SaveableFactory, type Trackable } from "@tfsaver/saver-builders";

/** The attribute of a {@link PythonState}. */
const PYTHON_STATE = "py_state";

/**
 * An object whose state is saved as one string (`tf.train.experimental.PythonState`), such as the position in a data set.
 *
 * @example
 * ```ts
 * import { PythonState } from "@tfsaver/object-checkpoint";
 *
 * export class Epoch extends PythonState {
 *   number = 0;
 *
 *   override serialize() {
 *     return JSON.stringify({ epoch: this.number });
 *   }
 *
 *   override deserialize(bytes: Uint8Array) {
 *     this.number = JSON.parse(new TextDecoder().decode(bytes)).epoch;
 *   }
 * }
 * ```
 */
export abstract class PythonState implements Trackable {
  /** Returns the state to save, as text or bytes. Called within every call of `save` and `write`. */
  abstract serialize(): string | Uint8Array;

  /** Takes a restored state. */
  abstract deserialize(bytes: Uint8Array): void | Promise<void>;

  gatherSaveablesForCheckpoint(): Readonly<Record<string, SaveableFactory>> {
    return { [PYTHON_STATE]: (key = PYTHON_STATE) => new StateSaveable(this, key) };
  }
}

/** Saves a state as a scalar string. */
class StateSaveable extends HostSaveable {
  constructor(
    private readonly state: PythonState,
    name: string,
  ) {
    super(name);
  }

  override specs(name: string): readonly HostSpec[] {
    return [{ name, dtype: "string", shape: [], value: () => toTensor(this.state.serialize(), "string", []) }];
  }

  override restore([tensor]: readonly Tensor[]): void | Promise<void> {
    return this.state.deserialize(tensorStrings(tensor as Tensor)[0] as Uint8Array);
  }
}
