import { engine, fill, tidy } from "@tensorflow/tfjs-core";
import { FailedPreconditionError, formatShape, shapesEqual, UnimplementedError } from "@tfsaver/core";
import { nameOf, type TfjsOptimizer, type TfjsValue, type TfjsVariable, variableOf } from "../tensorflowjs.js";
import { assign } from "../values/variable-saveable.js";
import { kindOf, type OptimizerKind, type SlotKind } from "./optimizer-kinds.js";

/** A slot as TensorFlow.js keeps it. */
interface OptimizerVariable {
  readonly originalName: string;
  readonly variable: TfjsVariable;
}

/** A variable that an optimizer trains. */
export interface TrainedVariable {
  readonly variable: TfjsVariable;
  /** The name of its slots begins with it. */
  readonly name: string;
}

/** The private properties of an optimizer. */
type Fields = Record<string, unknown>;

/** Reads and sets the learning rate, steps and slots of an optimizer. */
export class OptimizerState {
  readonly #fields: Fields;

  /**
   * @param trained - returns the variables in the order in which the optimizer gets their gradients
   * @throws `UnimplementedError` for an unknown optimizer, or one of a version that keeps its state elsewhere.
   */
  constructor(
    readonly optimizer: TfjsOptimizer,
    private readonly trained: () => readonly TfjsValue[] | undefined,
  ) {
    this.#fields = optimizer as unknown as Fields;
    const { slots, powers = {}, counter } = this.kind;
    for (const { field } of slots) this.#require(field, Array.isArray(this.#fields[field]));
    for (const field of [...Object.keys(powers), ...(counter === undefined ? [] : [counter])]) {
      const value = this.#fields[field];
      this.#require(field, typeof value === "object" && value !== null && "assign" in value);
    }
    this.#require("learningRate", typeof this.#fields.learningRate === "number");
  }

  get kind(): OptimizerKind {
    return kindOf(this.optimizer);
  }

  get learningRate(): number {
    return this.#fields.learningRate as number;
  }

  set learningRate(value: number) {
    if ("setLearningRate" in this.optimizer) (this.optimizer.setLearningRate as (rate: number) => void)(value);
    else this.#fields.learningRate = value;
  }

  /** The number of steps that were done. */
  get iterations(): number {
    return this.optimizer.iterations;
  }

  set iterations(value: number) {
    this.#fields.iterations_ = value;
    const { powers = {}, counter } = this.kind;
    for (const [field, beta] of Object.entries(powers)) {
      this.#assignScalar(field, (this.#fields[beta] as number) ** (value + 1));
    }
    if (counter !== undefined) this.#assignScalar(counter, value);
  }

  /** The parameter `beta1` or `beta2`. */
  beta(name: "beta1" | "beta2"): number {
    return this.#fields[name] as number;
  }

  /** The variables that the optimizer trains: those that were given, else those of its slots, else all trainable ones. */
  get variables(): readonly TrainedVariable[] {
    const given = this.trained();
    if (given !== undefined) return given.map((value) => ({ variable: variableOf(value), name: nameOf(value) }));
    const registered = engine().registeredVariables as Readonly<Record<string, TfjsVariable>>;
    const [kind] = this.kind.slots;
    const slots = kind === undefined ? [] : this.#slots(kind);
    if (kind === undefined || slots.length === 0) {
      const all = Object.values(registered).filter(({ trainable }) => trainable);
      return all.map((variable) => ({ variable, name: variable.name }));
    }
    return slots.map(({ originalName }) => {
      const name = originalName.slice(0, -kind.suffix.length - 1);
      const variable = registered[name];
      if (variable !== undefined) return { variable, name };
      throw new FailedPreconditionError(
        `The ${this.optimizer.getClassName()} optimizer has the slot ${originalName}, but there is no variable ${name}. Pass the ` +
          "variables that it trains as `variables`, in the order of their gradients.",
      );
    });
  }

  /**
   * Returns the slots of a kind in the order of the variables, and makes those that are missing, as the first step would.
   *
   * @throws `FailedPreconditionError` if a slot has another shape than its variable.
   */
  slots(kind: SlotKind): readonly TfjsVariable[] {
    const slots = this.#slots(kind);
    return this.variables.map(({ variable, name }, index) => {
      const existing = slots[index];
      if (existing === undefined) {
        const slot = tidy(() => fill([...variable.shape], kind.initial).variable(false)) as unknown as TfjsVariable;
        slots[index] = { originalName: `${variable.name}/${kind.suffix}`, variable: slot };
        return slot;
      }
      if (shapesEqual(existing.variable.shape, variable.shape)) return existing.variable;
      throw new FailedPreconditionError(
        `${existing.originalName} is ${formatShape(existing.variable.shape)}, but the variable ${name} at its place is ` +
          `${formatShape(variable.shape)}. Pass the variables that the optimizer trains as \`variables\`, in the order of their ` +
          "gradients.",
      );
    });
  }

  /** The slots of a kind that were made, in the order of the variables. */
  existingSlots(kind: SlotKind): readonly TfjsVariable[] {
    return this.#slots(kind).map(({ variable }) => variable);
  }

  #slots({ field }: SlotKind): OptimizerVariable[] {
    return this.#fields[field] as OptimizerVariable[];
  }

  #assignScalar(field: string, value: number): void {
    assign(this.#fields[field] as TfjsVariable, Float32Array.of(value), []);
  }

  #require(field: string, isThere: boolean): void {
    if (isThere) return;
    throw new UnimplementedError(
      `This version of TensorFlow.js keeps the state of ${this.optimizer.getClassName()} in another way: it has no ${field} as ` +
        "version 4.22 has. Use that version, or save the model without its optimizer.",
    );
  }
}
