import {
  InvalidArgumentError,
  requireTensor,
  type Shape,
  type Tensor,
  turnOfEventLoop,
  UnimplementedError,
  ValueError,
} from "@tfsaver/core";
import type { Operation } from "@tfsaver/graph";
import type { Storage } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import type { Kernel, KernelCall, ResourceClass } from "../kernel.js";
import { builtInKernels, passingTypes } from "../kernels/built-in-kernels.js";
import { drawBits } from "../random/random-bits.js";
import type { LocalResource, ResourceKey } from "../resources/local-resource.js";
import { AssignableVariable, type LocalVariable, type VariableKey } from "../resources/local-variable.js";
import { type RunLimits, requireLimits } from "./memory/budget.js";
import { HeldMemory } from "./memory/held-memory.js";
import { ReusableMemory } from "./memory/reusable-memory.js";
import type { Plan } from "./plan.js";
import type { RunHost } from "./run.js";
import { Snapshot } from "./snapshot.js";

/** Milliseconds that runs may take together while a save is under way, before they let the event loop turn. */
const TURN_MS = 1;

/** Options of {@link SessionState}, those of the session that its runs need. */
interface SessionStateOptions {
  readonly storage?: Storage | undefined;
  readonly seed?: number | bigint | undefined;
  readonly limits?: RunLimits | undefined;
  readonly reuseMemory?: boolean | undefined;
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** The state of a session that outlives a run: variables, resources, and what kernels keep for their operations. */
export class SessionState implements RunHost {
  closed = false;
  readonly limits: RunLimits;
  #variableBytes = 0;
  readonly kept = new HeldMemory();
  readonly memory: ReusableMemory;
  /** By kind and container, then by name. */
  readonly #variables = new Map<string, Map<string, AssignableVariable>>();
  readonly #resources = new Map<ResourceClass<LocalResource>, Map<string, LocalResource>>();
  readonly #snapshots = new Set<Snapshot>();
  #lastTurn = 0;
  readonly #seed: bigint | undefined;
  readonly #states = new Map<Operation, object>();
  #statesOfPlans = new WeakMap<Plan, (object | undefined)[]>();

  constructor(
    private readonly kernels: ReadonlyMap<string, Kernel>,
    private readonly options: SessionStateOptions,
  ) {
    const { seed, limits = {}, reuseMemory = true } = options;
    this.memory = new ReusableMemory(reuseMemory ? () => (this.closed ? 0 : this.#variableBytes) : undefined);
    requireLimits(limits);
    this.limits = limits;
    if (typeof seed === "number" && !Number.isSafeInteger(seed)) {
      throw new ValueError(`seed must be a safe integer or a bigint, not ${seed}`);
    }
    this.#seed = seed === undefined ? undefined : BigInt(seed);
  }

  get heldBytes(): number {
    let bytes = this.#variableBytes;
    for (const resource of this.#allResources()) bytes += resource.bytes;
    return bytes;
  }

  *#allResources(): Generator<LocalResource> {
    for (const ofKind of this.#resources.values()) yield* ofKind.values();
  }

  /** Returns the variables and resources as they are now. Ends with {@link SessionState.release}. */
  takeSnapshot(): Snapshot {
    const snapshot = new Snapshot(this.#allResources(), this.memory.hold());
    this.#snapshots.add(snapshot);
    return snapshot;
  }

  release(snapshot: Snapshot): void {
    this.#snapshots.delete(snapshot);
    snapshot.release();
    if (this.closed) this.#clear();
  }

  /**
   * Lets the event loop turn now and then while there are snapshots: a loop that awaits only runs would keep the files of a
   * save from being written.
   *
   * @returns undefined if there is nothing to wait for
   */
  turn(): Promise<void> | undefined {
    if (this.#snapshots.size === 0 || performance.now() - this.#lastTurn < TURN_MS) return undefined;
    return turnOfEventLoop().then(() => {
      this.#lastTurn = performance.now();
    });
  }

  get storage(): Storage {
    return this.options.storage ?? defaultStorage();
  }

  findKernel(op: Operation): Kernel | undefined {
    return this.kernels.get(op.type) ?? builtInKernels.get(op.type);
  }

  kernel(op: Operation): Kernel {
    const kernel = this.findKernel(op);
    if (kernel !== undefined) return kernel;
    throw new UnimplementedError(
      `Operation '${op.name}' of type ${op.type} has no kernel; add one with registerKernel`,
      { op: op.name },
    );
  }

  onlyPasses({ type }: Operation): boolean {
    return passingTypes.has(type) && !this.kernels.has(type);
  }

  variableOf(key: VariableKey, opName: string, declaredShape: Shape | undefined): LocalVariable {
    const group = `${key.kind} ${key.container}`;
    const inGroup = this.#variables.get(group) ?? new Map<string, AssignableVariable>();
    this.#variables.set(group, inGroup);
    const variable = inGroup.get(key.name) ?? new AssignableVariable(key, opName, declaredShape);
    inGroup.set(key.name, variable);
    return variable;
  }

  resourceOf<R extends LocalResource>(kind: ResourceClass<R>, { container, name }: ResourceKey, create: () => R): R {
    const id = JSON.stringify([container, name]);
    const ofKind = this.#resources.get(kind) ?? new Map<string, LocalResource>();
    this.#resources.set(kind, ofKind);
    const known = ofKind.get(id) as R | undefined;
    if (known !== undefined) return known;
    const made = create();
    ofKind.set(id, made);
    return made;
  }

  state<T extends object>(op: Operation, call: KernelCall, create: (call: KernelCall) => T): T {
    const known = this.#states.get(op) as T | undefined;
    if (known !== undefined) return known;
    const made = create(call);
    this.#states.set(op, made);
    return made;
  }

  statesOf(plan: Plan): (object | undefined)[] {
    const states = this.#statesOfPlans.get(plan) ?? new Array<object | undefined>(plan.steps.length);
    this.#statesOfPlans.set(plan, states);
    return states;
  }

  assign(variable: LocalVariable, value: Tensor): void {
    if (!(variable instanceof AssignableVariable)) {
      throw new InvalidArgumentError(`Variable ${variable.name} can't be assigned: it belongs to no session`);
    }
    requireTensor(value, `Variable ${variable.name}`);
    this.kept.add(value);
    for (const snapshot of this.#snapshots) snapshot.keep(variable);
    const before = variable.value;
    this.#variableBytes -= variable.bytes;
    variable.set(value);
    this.#variableBytes += variable.bytes;
    this.memory.replace(variable, before, value);
  }

  randomBits(op: Operation): bigint {
    return drawBits(this.#seed, op.name);
  }

  warn(message: string): void {
    this.options.onWarning?.(message);
  }

  /** Ends the session for its runs. Snapshots keep their values. */
  close(): void {
    this.closed = true;
    this.memory.trim();
    this.#clear();
  }

  #clear(): void {
    if (this.#snapshots.size > 0) return;
    this.#variables.clear();
    this.#resources.clear();
    this.#states.clear();
    this.#statesOfPlans = new WeakMap();
  }
}
