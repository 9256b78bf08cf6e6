import { requireString } from "@tfsaver/core";
import { type DeviceScopeOf, type ScopedOperation, ScopeStack, type ScopesOf } from "./scope-stack.js";

/** The part of a graph that applies scopes to new operations: names, devices, colocation and control dependencies. */
export abstract class ScopedGraph<Op extends ScopedOperation> {
  /** @internal */
  protected readonly scopeStack = new ScopeStack<Op>();

  /** @throws `ValueError` if the operation belongs to another graph. */
  protected abstract requireOwn(op: Op): void;

  /** The current name scope, without its trailing slash; `""` at the root. */
  get nameScope(): string {
    return this.scopeStack.current.name;
  }

  /** The scopes around new operations. They stay as they are when the scopes change. */
  get scopes(): ScopesOf<Op> {
    return this.scopeStack.current;
  }

  /**
   * Runs `build` inside scopes that {@link Graph.scopes} returned, instead of the current ones. This way, a function that
   * waits for something keeps the scopes around its call.
   *
   * @throws `ValueError` for scopes of another graph.
   */
  withScopes<T>(scopes: ScopesOf<Op>, build: () => T): T {
    return this.scopeStack.withScopes(scopes, build);
  }

  /**
   * Returns a name within the current name scope that no operation or scope has: `name`, or with `_1`, `_2`, … behind.
   *
   * @param markAsUsed - claim the name; with false, it is only looked up. Default: true
   */
  uniqueName(name: string, markAsUsed = true): string {
    return this.scopeStack.uniqueName(name, markAsUsed);
  }

  /**
   * Runs `build` inside a name scope (`tf.name_scope`). The name is made unique within the current scope; a name that
   * ends with `/` is used as it is, from the root; `""` is the root.
   *
   * @param build - receives the scope with its trailing slash, which an operation can take as its exact name
   */
  withNameScope<T>(name: string, build: (scope: string) => T): T {
    requireString(name, "The name of a name scope");
    return this.scopeStack.withNameScope(name, build);
  }

  /** Places the operations that `build` adds on `device`, merged with the device scopes outside (`tf.device`). */
  withDevice<T>(device: DeviceScopeOf<Op>, build: () => T): T {
    if (device !== null && typeof device !== "function") requireString(device, "The name of a device");
    return this.scopeStack.withDevice(device, build);
  }

  /**
   * Colocates the operations that `build` adds with `op`, ignoring the device scopes outside
   * (`tf.compat.v1.colocate_with`). `null` ignores the colocation scopes outside as well.
   *
   * @throws `ValueError` if `op` belongs to another graph.
   */
  withColocation<T>(op: Op | null, build: () => T): T {
    if (op !== null) this.requireOwn(op);
    return this.scopeStack.withColocation(op, build);
  }

  /**
   * Makes the operations that `build` adds wait for `before` (`tf.control_dependencies`). `null` ignores the control
   * dependencies outside.
   *
   * @throws `ValueError` if one of `before` belongs to another graph.
   */
  withControlDependencies<T>(before: readonly (Op | { readonly op: Op })[] | null, build: () => T): T {
    if (before !== null && !Array.isArray(before))
      throw new TypeError("Control dependencies must be an array, or null");
    const ops = before?.map((item) => ("op" in item ? item.op : item)) ?? null;
    for (const op of ops ?? []) this.requireOwn(op);
    return this.scopeStack.withControlDependencies(ops, build);
  }

  /** Runs `build` outside of all scopes. */
  withoutScopes<T>(build: () => T): T {
    return this.scopeStack.withoutScopes(build);
  }
}
