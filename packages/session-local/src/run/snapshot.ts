import { RuntimeError, type Tensor } from "@tfsaver/core";
import type { KernelValue } from "../kernel.js";
import { LocalResource } from "../resources/local-resource.js";
import { LocalVariable } from "../resources/local-variable.js";
import type { Hold } from "./memory/reusable-memory.js";

/** A variable as it was when a snapshot was taken. */
export class FrozenVariable extends LocalVariable {
  constructor(
    readonly live: LocalVariable,
    private readonly snapshot: Snapshot,
  ) {
    super(live, live.opName, live.declaredShape);
  }

  override get value(): Tensor | undefined {
    return this.snapshot.valueOf(this.live);
  }
}

/**
 * The variables and resources of a session as they were at one moment. Nothing is copied: values never change in place, so
 * it only remembers those that are replaced afterwards.
 */
export class Snapshot {
  /** Values that differ from those of the session now. */
  readonly #values = new Map<LocalVariable, Tensor | undefined>();
  readonly #resources = new Map<LocalResource, LocalResource>();
  #isReleased = false;

  /** @param hold - holds the values that the session no longer has */
  constructor(
    resources: Iterable<LocalResource>,
    private readonly hold: Hold,
  ) {
    for (const resource of resources) this.#resources.set(resource, resource.snapshot());
  }

  /** Keeps the value of a variable that is about to get another one. */
  keep(variable: LocalVariable): void {
    if (!this.#values.has(variable)) this.#set(variable, variable.value);
  }

  /** @throws `RuntimeError` after {@link Snapshot.release}. */
  valueOf(variable: LocalVariable): Tensor | undefined {
    if (this.#isReleased) throw new RuntimeError("Attempted to use a closed snapshot of a Session.");
    return this.#values.has(variable) ? this.#values.get(variable) : variable.value;
  }

  /** Returns what stands for a value in the runs of this snapshot. */
  frozen<T extends KernelValue>(value: T): KernelValue {
    if (value instanceof LocalVariable) return this.#frozenVariable(value);
    return value instanceof LocalResource ? (this.#resources.get(value) ?? value) : value;
  }

  /**
   * Assigns a value in this snapshot, and in the session too unless the variable got another value there since.
   *
   * @param assign - assigns it in the session
   */
  assign(variable: LocalVariable, value: Tensor, assign: (live: LocalVariable) => void): void {
    const { live } = this.#frozenVariable(variable);
    if (live.value === this.valueOf(live)) assign(live);
    this.#set(live, value);
  }

  /** Ends the snapshot: its variables can't be read any more. */
  release(): void {
    this.#isReleased = true;
    this.hold.release();
  }

  #set(variable: LocalVariable, value: Tensor | undefined): void {
    if (value !== undefined) this.hold.add(value);
    this.#values.set(variable, value);
  }

  #frozenVariable(variable: LocalVariable): FrozenVariable {
    return variable instanceof FrozenVariable ? variable : new FrozenVariable(variable, this);
  }
}
