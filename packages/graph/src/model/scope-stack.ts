import { ValueError } from "@tfsaver/core";
import type { AttrValue } from "@tfsaver/proto/graph";
import { attr } from "./attributes.js";
import { canonicalDevice, mergeDevices, parseDevice } from "./devices/device-names.js";
import { NameRegistry, requireScopeName } from "./name-registry.js";

/** The parts of an operation that scopes read and set. */
export interface ScopedOperation {
  readonly name: string;
  readonly attrs: Map<string, AttrValue>;
  readonly colocationGroups: readonly string[];
  device: string;
}

/** A device scope: a device name, a function that places each operation, or `null` to ignore the scopes outside. */
export type DeviceScopeOf<Op> = string | ((op: Op) => string) | null;

/** One `control_dependencies` scope. */
interface ControlScope<Op> {
  /** Operations that must run first. */
  readonly before: readonly Op[];
  /** Operations made inside the scope so far. */
  readonly made: Set<Op>;
}

/** The scopes around new operations at one moment. {@link Graph.withScopes} enters them again. */
export interface ScopesOf<Op> {
  /** The name scope, without its trailing slash; `""` at the root. */
  readonly name: string;
  /** The device that the device scopes name together; `""` for none. Functions that place operations are left out. */
  readonly device: string;
  /** Operations that a new operation waits for, outermost scope first. */
  readonly controlInputs: readonly Op[];
  /** Operations that a new operation is colocated with. */
  readonly colocation: readonly Op[];
}

interface ScopeState<Op> {
  /** Ends with a slash; `""` at the root. */
  readonly path: string;
  readonly devices: readonly DeviceScopeOf<Op>[];
  readonly colocation: readonly Op[];
  readonly control: readonly ControlScope<Op>[];
}

const ROOT = { path: "", devices: [], colocation: [], control: [] } as const;

class Scopes<Op> implements ScopesOf<Op> {
  constructor(
    /** The names of the graph that the scopes belong to. */
    readonly owner: NameRegistry,
    readonly state: ScopeState<Op>,
  ) {}

  get name(): string {
    return this.state.path.replace(/\/$/, "");
  }

  get device(): string {
    const { devices } = this.state;
    const named = devices.slice(devices.lastIndexOf(null) + 1).filter((scope) => typeof scope === "string");
    return named.reduceRight((device, scope) => mergeDevices(scope, device), "");
  }

  get controlInputs(): Op[] {
    return this.state.control.flatMap(({ before }) => before);
  }

  get colocation(): Op[] {
    return [...this.state.colocation];
  }
}

/** Tracks the scopes around new operations, and applies them: name, device, colocation and control dependencies. */
export class ScopeStack<Op extends ScopedOperation> {
  readonly #names = new NameRegistry();
  #current: ScopeState<Op> = ROOT;

  /** The current scopes. */
  get current(): ScopesOf<Op> {
    return new Scopes(this.#names, this.#current);
  }

  /** Returns a name within the current scope that no operation or scope has, and claims it if `markAsUsed` is set. */
  uniqueName(name: string, markAsUsed: boolean): string {
    return this.#names.claim(this.#current.path + name, markAsUsed);
  }

  /** @throws `ValueError` if `scopes` are not those of this graph. */
  withScopes<T>(scopes: ScopesOf<Op>, build: () => T): T {
    if (scopes instanceof Scopes && scopes.owner === this.#names) return this.#within(scopes.state, build);
    throw new ValueError("withScopes takes what `scopes` of the same graph returned");
  }

  withNameScope<T>(name: string, build: (scope: string) => T): T {
    if (name !== "") requireScopeName(name, this.#current.path === "");
    const path = name === "" || name.endsWith("/") ? name : `${this.uniqueName(name, true)}/`;
    return this.#within({ ...this.#current, path }, () => build(path));
  }

  withDevice<T>(device: DeviceScopeOf<Op>, build: () => T): T {
    if (typeof device === "string") parseDevice(device);
    return this.#within({ ...this.#current, devices: [...this.#current.devices, device] }, build);
  }

  withColocation<T>(op: Op | null, build: () => T): T {
    const colocation = op === null ? [] : [...this.#current.colocation, op];
    return this.#within({ ...this.#current, devices: [], colocation }, build);
  }

  withControlDependencies<T>(before: readonly Op[] | null, build: () => T): T {
    if (before === null) return this.#within({ ...this.#current, control: [] }, build);
    const { control } = this.#current;
    // An operation that an outer scope waits for is left to that scope, so that its rule for inputs applies.
    const ops = new Set(before);
    for (const scope of control) for (const op of scope.before) ops.delete(op);
    for (const op of ops) op.attrs.set("_has_manual_control_dependencies", attr.bool(true));
    return this.#within({ ...this.#current, control: [...control, { before: [...ops], made: new Set() }] }, build);
  }

  withoutScopes<T>(build: () => T): T {
    return this.#within(ROOT, build);
  }

  #within<T>(scopes: ScopeState<Op>, build: () => T): T {
    const outer = this.#current;
    this.#current = scopes;
    try {
      return build();
    } finally {
      this.#current = outer;
    }
  }

  /**
   * Returns the operations that a new operation must wait for. A scope does not apply if one of the inputs was made
   * inside it: that input waits already.
   */
  controlInputs(inputs: readonly { readonly op: Op }[]): Op[] {
    const inputOps = new Set(inputs.map(({ op }) => op));
    return this.#current.control.flatMap(({ before, made }) => {
      for (const op of inputOps) if (made.has(op)) return [];
      return before.filter((op) => !inputOps.has(op));
    });
  }

  /** Sets the device and the colocation of a new operation. */
  place(op: Op): void {
    for (const scope of this.#current.control) scope.made.add(op);
    op.device = deviceFrom(this.#current.devices, op);
    colocate(op, this.#current.colocation);
  }

  /**
   * Takes the name of an imported operation, and returns the operations that it must wait for. Unlike a new one, it
   * waits even if its inputs do.
   */
  adoptImported(op: Op): Op[] {
    this.#names.mark(op.name);
    return this.#current.control.flatMap(({ before, made }) => {
      made.add(op);
      return before;
    });
  }

  /**
   * Sets the devices of imported operations, which have those of their messages so far. A colocated operation goes where
   * its group is, whatever its message says.
   */
  placeImported(ops: readonly Op[], find: (name: string) => Op | undefined): void {
    const { devices } = this.#current;
    const colocated: (readonly [op: Op, groups: readonly string[]])[] = [];
    for (const op of ops) {
      const groups = op.attrs.has("_class") ? op.colocationGroups.filter((group) => group !== `loc:@${op.name}`) : [];
      if (groups.length > 0) {
        colocated.push([op, groups]);
        op.device = "";
      } else if (devices.length > 0 || op.device !== "") op.device = deviceFrom([...devices, op.device], op);
    }
    for (const [op, groups] of colocated) {
      const members = groups.map((group) => find(group.slice("loc:@".length)));
      op.device = members.find((member) => member?.device)?.device ?? "";
    }
  }
}

/** Computes the device of an operation from the device scopes around it, innermost first (`tf.device`). */
function deviceFrom<Op extends ScopedOperation>(scopes: readonly DeviceScopeOf<Op>[], op: Op): string {
  let device = "";
  for (const scope of [...scopes].reverse()) {
    if (scope === null) return device;
    // A device function sees the device so far.
    op.device = device;
    device = typeof scope === "string" ? mergeDevices(scope, device) : canonicalDevice(scope(op));
  }
  return device;
}

function colocate<Op extends ScopedOperation>(op: Op, others: readonly Op[]): void {
  if (others.length === 0) return;
  const groups = new Set<string>();
  for (const other of others) {
    for (const group of other.colocationGroups) groups.add(group);
    if (other.device !== "") op.device = other.device;
  }
  op.attrs.set("_class", attr.strings([...groups].sort()));
}
