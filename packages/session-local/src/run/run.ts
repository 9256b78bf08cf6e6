import {
  CancelledError,
  InternalError,
  InvalidArgumentError,
  type OperationOptions,
  type Shape,
  type Tensor,
  throwIfAborted,
} from "@tfsaver/core";
import type { Attributes, Operation, Output, RunOptions } from "@tfsaver/graph";
import type { CommitOptions, Storage } from "@tfsaver/storage";
import type { Closable, Kernel, KernelCall, KernelResult, KernelValue, PieceOfWork, ResourceClass } from "../kernel.js";
import { LocalResource, type ResourceKey } from "../resources/local-resource.js";
import { LocalVariable, type VariableKey } from "../resources/local-variable.js";
import { isPromise } from "./checked-kernel.js";
import type { Cost } from "./cost.js";
import { Budget, type RunLimits } from "./memory/budget.js";
import type { HeldMemory } from "./memory/held-memory.js";
import type { Hold, ReusableMemory } from "./memory/reusable-memory.js";
import { sizeOf } from "./memory/tensor-size.js";
import { errorOfNode } from "./node-error.js";
import { inPieces } from "./pieces.js";
import type { Plan, Step } from "./plan.js";
import { FrozenVariable, type Snapshot } from "./snapshot.js";
import { requireWritable } from "./writable-paths.js";

/** Operations that run beside each other at most. Node.js works on as many files at a time. */
const MAX_BESIDE = 4;

/** The services of a session for its runs. */
export interface RunHost {
  readonly storage: Storage;
  readonly closed: boolean;
  /** Memory of the session's variables and constants. */
  readonly kept: HeldMemory;
  readonly memory: ReusableMemory;
  kernel(op: Operation): Kernel;
  /** True if the kernel of an operation keeps no value beyond the run, and returns none but its inputs as they are. */
  onlyPasses(op: Operation): boolean;
  variableOf(key: VariableKey, opName: string, declaredShape: Shape | undefined): LocalVariable;
  resourceOf<R extends LocalResource>(kind: ResourceClass<R>, key: ResourceKey, create: () => R): R;
  state<T extends object>(op: Operation, call: KernelCall, create: (call: KernelCall) => T): T;
  /** Returns the results of {@link RunHost.state} for a plan, by step index, so that runs need no lookups. */
  statesOf(plan: Plan): (object | undefined)[];
  /** Total size of the variables and other resources in bytes. */
  readonly heldBytes: number;
  readonly limits: RunLimits;
  /** @param value - a tensor whose memory nobody else writes to */
  assign(variable: LocalVariable, value: Tensor): void;
  randomBits(op: Operation): bigint;
  warn(message: string): void;
}

/** One call of {@link LocalSession.run}, with the values that flow through the graph. */
export class Run {
  readonly #values: (KernelValue | undefined)[];
  readonly #states: (object | undefined)[];
  readonly #shared = new Map<string, Promise<Closable>>();
  readonly budget: Budget;
  /** Holds every value that flows through the run. */
  readonly #hold: Hold;

  constructor(
    readonly host: RunHost,
    private readonly plan: Plan,
    fed: ReadonlyMap<Output, Tensor>,
    /** Memory of the fed tensors. */
    private readonly borrowed: HeldMemory,
    readonly options: RunOptions,
    /** The values that the run sees, if they are not those of the session. */
    private readonly snapshot: Snapshot | undefined,
  ) {
    this.budget = new Budget(host.limits, options.confine !== undefined, host.heldBytes);
    for (const tensor of fed.values()) this.budget.give(sizeOf(tensor));
    this.#hold = host.memory.hold();
    this.#states = host.statesOf(plan);
    this.#values = new Array(plan.slotCount);
    for (const [output, tensor] of fed) this.#values[plan.slots.get(output) as number] = tensor;
  }

  /** Runs all operations of the plan. It awaits only the asynchronous kernels; some of them run beside each other. */
  async execute(): Promise<void> {
    const underWay: Promise<void>[] = [];
    try {
      await this.#executeSteps(underWay);
    } catch (error) {
      // None goes on after the run, and the first error counts.
      await settled(underWay);
      throw error;
    }
    await settled(underWay);
  }

  async #executeSteps(underWay: Promise<void>[]): Promise<void> {
    const { host } = this;
    const { steps, types } = this.plan;
    // Looked up first, so that a missing kernel is found before anything runs.
    const kernels = types.map((op) => host.kernel(op));
    const onlyPass = types.map((op) => host.onlyPasses(op));
    // Loops by index, here and below: with tens of thousands of steps, iterators take noticeable time.
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i] as Step;
      const kernel = kernels[step.type] as Kernel;
      if (underWay.length > 0 && (step.waits || underWay.length === MAX_BESIDE)) await settled(underWay);
      const ending = this.#start(step, kernel, onlyPass[step.type] as boolean);
      if (ending === undefined) continue;
      if (step.isBeside) {
        underWay.push(ending);
        ending.catch(() => undefined);
      } else await ending;
    }
  }

  /** Runs a step. Returns a promise if its kernel is asynchronous. */
  #start(step: Step, kernel: Kernel, onlyPasses: boolean): Promise<void> | undefined {
    try {
      throwIfAborted(this.options.signal);
      const result = kernel(new Call(this, step, onlyPasses));
      if (isPromise(result)) return this.#end(step, result);
      this.#store(step, result);
    } catch (error) {
      throw errorOfNode(error, step.op.name);
    }
    this.#release(step);
    return undefined;
  }

  /** Awaits the kernel of a step. */
  async #end(step: Step, pending: Promise<KernelResult>): Promise<void> {
    try {
      const result = await pending;
      this.#requireOpen();
      this.#store(step, result);
    } catch (error) {
      throw errorOfNode(error, step.op.name);
    }
    this.#release(step);
  }

  /** @throws `CancelledError` if the run is cancelled or its session is closed. */
  requireRunning(): void {
    throwIfAborted(this.options.signal);
    this.#requireOpen();
  }

  #requireOpen(): void {
    if (this.host.closed && this.snapshot === undefined) throw new CancelledError("Session has been closed.");
  }

  /** Ends the hold on the values of the run, and forgets them. Call it when all fetches are done. */
  release(): void {
    this.#values.fill(undefined);
    this.#hold.release();
  }

  /** Closes the objects that kernels shared. */
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

  /** Returns the value of a fetched output, in memory that nobody else holds. */
  fetch(output: Output): Tensor {
    try {
      const slot = this.plan.slots.get(output) as number;
      const value = asTensor(this.value(slot) ?? missing(output));
      const fetched = this.host.kept.unshared(value);
      if (fetched === value) this.host.memory.share(value);
      return fetched;
    } catch (error) {
      throw errorOfNode(error, output.op.name);
    }
  }

  /** Returns the value in a slot. It is `undefined` if the output was not fed and its kernel returned none. */
  value(slot: number): KernelValue | undefined {
    return this.#values[slot];
  }

  /** Holds a value until the end of the run. */
  hold(tensor: Tensor): void {
    this.#hold.add(tensor);
  }

  /** @see KernelCall.state */
  state<T extends object>({ op, index }: Step, call: KernelCall, create: (call: KernelCall) => T): T {
    const known = this.#states[index] as T | undefined;
    const state = known ?? this.host.state(op, call, create);
    if (known === undefined) this.#states[index] = state;
    return this.snapshot === undefined ? state : (this.snapshot.frozen(state as KernelValue) as object as T);
  }

  /** @see KernelCall.assign */
  assign(variable: LocalVariable, value: Tensor): void {
    const own = this.borrowed.unshared(value);
    if (this.snapshot === undefined) this.host.assign(variable, own);
    else this.snapshot.assign(variable, own, (live) => this.host.assign(live, own));
  }

  #release({ releases }: Step): void {
    for (let i = 0; i < releases.length; i++) this.#values[releases[i] as number] = undefined;
  }

  #store({ outputs }: Step, result: KernelResult): void {
    for (let i = 0; i < outputs.length; i++) {
      const { index, slot } = outputs[i] as Step["outputs"][number];
      const value = (Array.isArray(result) ? result[index] : index === 0 ? result : undefined) as
        | KernelValue
        | undefined;
      // With tens of thousands of steps, looking at each value takes noticeable time.
      if (this.host.memory.isUsed && isTensor(value)) this.#hold.add(value);
      this.#values[slot] = value === undefined ? undefined : (this.snapshot?.frozen(value) ?? value);
    }
  }
}

/** Waits for what is under way, and empties the list. Throws the first error of the list. */
async function settled(underWay: Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(underWay.splice(0));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

function missing({ op, index }: Output): never {
  throw new InternalError(`The kernel of ${op.type} returned no output ${index}`, { op: op.name });
}

function isTensor(value: KernelValue | undefined): value is Tensor {
  return value !== undefined && !(value instanceof LocalVariable) && !(value instanceof LocalResource);
}

function asTensor(value: KernelValue): Tensor {
  if (value instanceof LocalResource)
    throw new InvalidArgumentError(`The resource handle ${value.name} is not a tensor`);
  if (!(value instanceof LocalVariable)) return value;
  if (value.kind === "reference") return value.read();
  throw new InvalidArgumentError(`The handle of variable ${value.name} is not a tensor`);
}

class Call implements KernelCall {
  constructor(
    private readonly run: Run,
    private readonly step: Step,
    private readonly onlyPasses: boolean,
  ) {}

  get op(): Operation {
    return this.step.op;
  }

  get attributes(): Attributes {
    return this.op.attributes;
  }

  get inputs(): readonly Tensor[] {
    return this.step.inputs.map((_, index) => this.input(index));
  }

  input(index: number): Tensor {
    const tensor = asTensor(this.#value(index));
    const { memory } = this.run.host;
    if (memory.isUsed) {
      if (this.onlyPasses) this.run.hold(tensor);
      else memory.share(tensor);
    }
    return tensor;
  }

  variable(index: number): LocalVariable {
    const value = this.#value(index);
    if (value instanceof LocalVariable) return this.#reachable(value);
    throw new InvalidArgumentError(`Input ${index} of ${this.op.name} must be a variable, not a tensor`);
  }

  variableOf(key: VariableKey, declaredShape?: Shape): LocalVariable {
    return this.#reachable(this.run.host.variableOf(key, this.op.name, declaredShape));
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
    this.run.host.memory.share(value);
  }

  allocate(bytes: number): ArrayBuffer {
    return this.onlyPasses ? this.run.host.memory.allocate(bytes) : new ArrayBuffer(bytes);
  }

  state<T extends object>(create: (call: KernelCall) => T): T {
    return this.run.state(this.step, this, create);
  }

  reserve(cost: Cost): void {
    this.run.budget.take(cost);
  }

  inPieces<T>(count: number, stepsPerItem: number, work: PieceOfWork, result: T): T | Promise<T> {
    this.reserve({ steps: count * stepsPerItem });
    return inPieces(count, stepsPerItem, work, result, () => this.run.requireRunning());
  }

  requireWritable(path: string): void {
    requireWritable(path, this.run.options.confine);
  }

  given(bytes: number): void {
    this.run.budget.give(bytes);
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

  get beforeCommit(): CommitOptions["beforeCommit"] {
    return this.run.options.beforeCommit;
  }

  get staging(): Storage | undefined {
    return this.run.options.staging;
  }

  warn(message: string): void {
    this.run.host.warn(message);
  }

  /** Notes that the kernel can read a variable whenever it likes, unless it is known not to. */
  #reachable(variable: LocalVariable): LocalVariable {
    const { memory } = this.run.host;
    if (this.onlyPasses) return variable;
    memory.shareVariable(variable);
    if (variable instanceof FrozenVariable) memory.shareVariable(variable.live);
    return variable;
  }

  #value(index: number): KernelValue {
    const { op, inputs } = this.step;
    const slot = inputs[index];
    if (slot === undefined) {
      throw new InvalidArgumentError(`${op.type} needs input ${index}, but has only ${inputs.length} inputs`);
    }
    return this.run.value(slot) ?? missing(op.inputs[index] as Output);
  }
}
