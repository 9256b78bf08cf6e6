import {
  type DType,
  makeTensor,
  type Tensor,
  type TensorData,
  type TensorLike,
  tensorStrings,
  toTensor,
  zeroTensor,
} from "@tfsaver/core";
import { HostSaveable, type HostSpec, HostVariable, type Trackable } from "@tfsaver/saver-builders";
import type { ExpectedTensor } from "../../../fixtures/goldens.js";
import type { Described, DescribedCheckpoint } from "../../../fixtures/object-goldens.js";
import { Checkpoint, type CheckpointOptions, PythonState } from "../src/index.js";

/** A state of one text. */
export class Text extends PythonState {
  constructor(public text: string) {
    super();
  }

  override serialize(): string {
    return this.text;
  }

  override deserialize(bytes: Uint8Array): void {
    this.text = new TextDecoder().decode(bytes);
  }
}

/** Named children in an order of their own. */
export class Named implements Trackable {
  constructor(readonly children: Map<string, unknown>) {}

  gatherSaveablesForCheckpoint() {
    return {};
  }

  trackableChildren() {
    return this.children;
  }
}

/** An optimizer with slot variables and other variables, like those of TensorFlow 1. */
export class Optimizer implements Trackable {
  readonly slots = new Map<string, Map<object, HostVariable>>();

  constructor(
    readonly names: readonly string[],
    readonly others: Readonly<Record<string, HostVariable>> = {},
    /** True to make slot variables that a checkpoint has. */
    readonly creates = false,
  ) {}

  gatherSaveablesForCheckpoint() {
    return {};
  }

  trackableChildren() {
    return this.others;
  }

  slotNames() {
    return [...new Set([...this.names, ...this.slots.keys()])];
  }

  getSlot(variable: object, slotName: string) {
    return this.slots.get(slotName)?.get(variable);
  }

  createSlot(variable: object, slotName: string, { dtype, shape }: { dtype: DType; shape: readonly number[] }) {
    if (!this.creates) return undefined;
    const zeros = new Array(shape.reduce((a, b) => a * b, 1)).fill(0);
    return this.add(variable, slotName, new HostVariable(toTensor(zeros, dtype, shape), { name: "slot" }));
  }

  add(variable: object, slotName: string, slot: HostVariable): HostVariable {
    const known = this.slots.get(slotName) ?? new Map<object, HostVariable>();
    this.slots.set(slotName, known.set(variable, slot));
    return slot;
  }
}

/** A table in memory, like TensorFlow's `MutableHashTable`. */
class Table implements Trackable {
  constructor(public entries: Map<string, number>) {}

  gatherSaveablesForCheckpoint() {
    return { table: (key = "") => new TableSaveable(this, key) };
  }
}

class TableSaveable extends HostSaveable {
  constructor(
    private readonly table: Table,
    name: string,
  ) {
    super(name);
  }

  override specs(name: string): HostSpec[] {
    const { entries } = this.table;
    const values = () => toTensor([...entries.values()].map(BigInt), "int64", [entries.size]);
    return [
      {
        ...{ name: `${name}-keys`, dtype: "string", shape: [-1] },
        value: () => toTensor([...entries.keys()], "string", [entries.size]),
      },
      { name: `${name}-values`, dtype: "int64", shape: [-1], value: values },
    ];
  }

  override restore([keys, values]: readonly Tensor[]): void {
    const names = tensorStrings(keys as Tensor).map((bytes) => new TextDecoder().decode(bytes));
    this.table.entries = new Map(names.map((name, i) => [name, Number(values?.data[i])]));
  }
}

/** The slots of optimizers, and the values that their other variables begin with. */
const OPTIMIZERS: Readonly<Record<string, { slots: string[]; others?: Record<string, number> }>> = {
  momentum: { slots: ["momentum"] },
  adam: { slots: ["m", "v"], others: { beta1_power: 0.9, beta2_power: 0.999 } },
  adagrad: { slots: ["accumulator"] },
};

/** Builds what a description says: the same objects that `tools/oracle/objects.py` builds in Python. */
export class Builder {
  readonly byId = new Map<string, object>();
  #slots = 0;

  /**
   * @param isBlank - gives everything another value
   * @param slotName - returns the name of the n-th slot variable, which TensorFlow makes unique
   */
  constructor(
    private readonly isBlank = false,
    private readonly slotName: (n: number) => string = (n) => `slot ${n}`,
  ) {}

  make(described: Described): unknown {
    if ("ref" in described) return this.byId.get(described.ref);
    const made = this.#make(described);
    if (described.id !== undefined) this.byId.set(described.id, made as object);
    if (described.kind === "object") {
      for (const [name, child] of described.children ?? []) (made as Record<string, unknown>)[name] = this.make(child);
    }
    return made;
  }

  #make(described: Exclude<Described, { ref: string }>): unknown {
    switch (described.kind) {
      case "variable":
        return this.#variable(variableOf(described.values, described.dtype, described.shape, described.name));
      case "object":
        return {};
      case "list":
      case "tuple":
        return described.items.map((item) => this.make(item));
      case "dict":
        return new Map(described.items.map(([name, item]) => [name, this.make(item)]));
      case "namedtuple": {
        const fields = described.items.map(([name, item]) => [name, this.make(item)] as const);
        return new Named(new Map([...fields, ...fields.map(([, item], i) => [String(i), item] as const)]));
      }
      case "python_state":
        return new Text(this.isBlank ? "" : (described.value as string));
      case "table":
        return new Table(new Map(this.isBlank ? [["other", 0]] : described.entries));
      case "optimizer":
        return this.#optimizer(described);
      default:
        return described.value;
    }
  }

  #variable(variable: HostVariable): HostVariable {
    if (this.isBlank) variable.assign(zeroTensor(variable.dtype, variable.value.shape));
    return variable;
  }

  #optimizer({ name, of, value }: Extract<Described, { kind: "optimizer" }>): Optimizer {
    const { slots, others = {} } = OPTIMIZERS[name] as (typeof OPTIMIZERS)[string];
    const powers = Object.entries(others).map(
      ([edge, power]) => [edge, variableOf(power, "float32", [], edge)] as const,
    );
    const made = new Optimizer(slots, Object.fromEntries(powers.map(([edge, power]) => [edge, this.#variable(power)])));
    for (const [number, slot] of slots.entries()) {
      for (const id of of) {
        const variable = this.byId.get(id) as HostVariable;
        const { shape, data } = variable.value;
        const values = new Array(data.length).fill(value + number);
        made.add(variable, slot, this.#variable(variableOf(values, "float32", shape, this.slotName(this.#slots++))));
      }
    }
    return made;
  }

  children({ kwargs = [] }: DescribedCheckpoint): Record<string, unknown> {
    return Object.fromEntries(kwargs.map(([name, child]) => [name, this.make(child)]));
  }

  checkpoint(described: DescribedCheckpoint, options: CheckpointOptions): Checkpoint {
    const root = described.root && (this.make(described.root) as object);
    return new Checkpoint(this.children(described), { ...options, root });
  }
}

/** Makes a variable from its values in JSON. */
export function variableOf(values: unknown, dtype: string, shape?: readonly number[], name = "Variable"): HostVariable {
  return new HostVariable(tensorOf(values, dtype as DType, shape), { name });
}

function tensorOf(values: unknown, dtype: DType, shape?: readonly number[]) {
  if (dtype.startsWith("complex")) {
    const pairs = values as [number, number][];
    const Data = dtype === "complex64" ? Float32Array : Float64Array;
    return makeTensor(dtype, shape ?? [pairs.length], Data.from(pairs.flat()) as TensorData);
  }
  const given = dtype.includes("int64") ? bigints(values) : values;
  return toTensor(given as TensorLike, dtype, shape);
}

function bigints(values: unknown): unknown {
  return Array.isArray(values) ? values.map(bigints) : BigInt(values as number);
}

/** Makes a variable with the values of a tensor in a record. */
export function variableLike(
  { dtype, shape, values }: ExpectedTensor & { values: unknown },
  name?: string,
): HostVariable {
  return variableOf(values, dtype, shape, name);
}
