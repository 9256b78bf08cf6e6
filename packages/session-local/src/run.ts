import {
  CancelledError,
  InternalError,
  InvalidArgumentError,
  type OperationOptions,
  type Shape,
  type Tensor,
  throwIfAborted,
} from "@tfsaver/core";
import type { Attributes, Operation, Output } from "@tfsaver/graph";
import type { Storage } from "@tfsaver/storage";
import type { Closable, Kernel, KernelCall, KernelResult, KernelValue, ResourceClass } from "./kernel.js";
import { LocalResource, type ResourceKey } from "./local-resource.js";
import { LocalVariable, setValue, type VariableKey } from "./local-variable.js";
import type { HeldMemory } from "./memory.js";
import { errorOfNode } from "./node-error.js";
import type { Plan } from "./plan.js";

/** What a session offers its runs. */
export interface RunHost {
  readonly storage: Storage;
  readonly closed: boolean;
  /** Memory that variables and constants of the session lie in. */
  readonly kept: HeldMemory;
  kernel(op: Operation): Kernel;
  variableOf(key: VariableKey, opName: string, declaredShape: Shape | undefined): LocalVariable;
  resourceOf<R extends LocalResource>(kind: ResourceClass<R>, key: ResourceKey, create: () => R): R;
  state<T>(op: Operation, create: () => T): T;
  randomBits(op: Operation): bigint;
  warn(message: string): void;
}

/** One call of {@link LocalSession.run}: the values that flow through the graph meanwhile. */
export class Run {
  readonly #values = new Map<Operation, readonly KernelValue[]>();
  readonly #uses: Map<Operation, number>;
  readonly #shared = new Map<string, Promise<Closable>>();

  constructor(
    readonly host: RunHost,
    private readonly plan: Plan,
    private readonly fed: ReadonlyMap<Output, Tensor>,
    /** Memory of what was fed. */
    private readonly borrowed: HeldMemory,
    readonly options: OperationOptions,
    fetched: Iterable<Output>,
  ) {
    this.#uses = new Map(plan.uses);
    // A value that is fetched is needed until the end.
    for (const { op } of fetched) this.#uses.set(op, Number.POSITIVE_INFINITY);
  }

  /** Runs all operations of the plan. Waits only for kernels that have to wait themselves. */
  async execute(): Promise<void> {
    const { host } = this;
    const { order } = this.plan;
    // Looked up before anything runs, so that a missing kernel leaves nothing half done.
    const kernels = order.map((op) => host.kernel(op));
    for (const [i, op] of order.entries()) {
      const kernel = kernels[i] as Kernel;
      try {
        throwIfAborted(this.options.signal);
        let result = kernel(new Call(this, op));
        if (isPromise(result)) {
          result = await result;
          if (host.closed) throw new CancelledError("Session has been closed.");
        }
        this.#store(op, result);
      } catch (error) {
        throw errorOfNode(error, op.name);
      }
      this.#releaseInputs(op);
    }
  }

  /** Closes what kernels have shared. */
  async close(): Promise<void> {
    await Promise.all([...this.#shared.values()].map((opening) => opening.then((value) => value.close())));
  }

  /** @see KernelCall.shared */
  shared<T extends Closable>(key: string, create: () => Promise<T>): Promise<T> {
    const known = this.#shared.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const made = create();
    this.#shared.set(key, made);
    made.catch(() => this.#shared.delete(key));
    return made;
  }

  /** The value of an output that was fetched, in memory that nobody else holds. */
  fetch(output: Output): Tensor {
    try {
      return this.host.kept.unshared(asTensor(this.value(output)));
    } catch (error) {
      throw errorOfNode(error, output.op.name);
    }
  }

  /** What an output that is fed or was computed gives. */
  value(output: Output): KernelValue {
    const value = this.fed.get(output) ?? this.#values.get(output.op)?.[output.index];
    if (value === undefined) {
      const { op, index } = output;
      throw new InternalError(`The kernel of ${op.type} gave no output ${index}`, { op: op.name });
    }
    return value;
  }

  /** @see KernelCall.assign */
  assign(variable: LocalVariable, value: Tensor): void {
    const own = this.borrowed.unshared(value);
    this.host.kept.add(own);
    setValue(variable, own);
  }

  #store(op: Operation, result: KernelResult): void {
    // Memory is let go as early as it can be; what nobody takes is not even kept.
    if (result === undefined || !this.#uses.has(op)) return;
    this.#values.set(op, Array.isArray(result) ? result : [result as KernelValue]);
  }

  #releaseInputs(op: Operation): void {
    for (const input of op.inputs) {
      if (this.fed.has(input)) continue;
      const left = (this.#uses.get(input.op) ?? 0) - 1;
      this.#uses.set(input.op, left);
      if (left <= 0) this.#values.delete(input.op);
    }
  }
}

function isPromise(result: KernelResult | Promise<KernelResult>): result is Promise<KernelResult> {
  return typeof result === "object" && "then" in result;
}

function asTensor(value: KernelValue): Tensor {
  if (value instanceof LocalResource) throw new InvalidArgumentError(`A handle of ${value.name} is no tensor`);
  if (!(value instanceof LocalVariable)) return value;
  if (value.kind === "reference") return value.read();
  throw new InvalidArgumentError(`A handle of variable ${value.name} is no tensor`);
}

class Call implements KernelCall {
  constructor(
    private readonly run: Run,
    readonly op: Operation,
  ) {}

  get attributes(): Attributes {
    return this.op.attributes;
  }

  get inputs(): readonly Tensor[] {
    return this.op.inputs.map((input) => asTensor(this.run.value(input)));
  }

  input(index: number): Tensor {
    return asTensor(this.#value(index));
  }

  variable(index: number): LocalVariable {
    const value = this.#value(index);
    if (value instanceof LocalVariable) return value;
    throw new InvalidArgumentError(`Input ${index} of ${this.op.name} must be a variable, not a tensor`);
  }

  variableOf(key: VariableKey, declaredShape?: Shape): LocalVariable {
    return this.run.host.variableOf(key, this.op.name, declaredShape);
  }

  resource<R extends LocalResource>(index: number, kind: ResourceClass<R>): R {
    const value = this.#value(index);
    if (value instanceof kind) return value;
    throw new InvalidArgumentError(`Input ${index} of ${this.op.name} must be a handle of a ${kind.name}`);
  }

  resourceOf<R extends LocalResource>(kind: ResourceClass<R>, key: ResourceKey, create: () => R): R {
    return this.run.host.resourceOf(kind, key, create);
  }

  assign(variable: LocalVariable, value: Tensor): void {
    this.run.assign(variable, value);
  }

  keep(value: Tensor): void {
    this.run.host.kept.add(value);
  }

  state<T>(create: () => T): T {
    return this.run.host.state(this.op, create);
  }

  shared<T extends Closable>(key: string, create: () => Promise<T>): Promise<T> {
    return this.run.shared(key, create);
  }

  randomBits(): bigint {
    return this.run.host.randomBits(this.op);
  }

  get storage(): Storage {
    return this.run.host.storage;
  }

  get signal(): AbortSignal | undefined {
    return this.run.options.signal;
  }

  get onProgress(): OperationOptions["onProgress"] {
    return this.run.options.onProgress;
  }

  warn(message: string): void {
    this.run.host.warn(message);
  }

  #value(index: number): KernelValue {
    const input = this.op.inputs[index];
    if (input === undefined) {
      throw new InvalidArgumentError(`${this.op.type} has ${this.op.inputs.length} inputs, but needs input ${index}`);
    }
    return this.run.value(input);
  }
}
