import { attr } from "./attributes.js";
import { canonicalDevice, mergeDevices, parseDevice } from "./device-names.js";
import type { Operation, Output } from "./operation.js";

/** A device name, a function that places each operation, or `null` for no device whatever stands outside. */
export type DeviceScope = string | ((op: Operation) => string) | null;

/** Works out the device of a new operation from the scopes around it, innermost first (`tf.device`). */
export function deviceFromScopes(scopes: readonly DeviceScope[], op: Operation): string {
  let device = "";
  for (const scope of [...scopes].reverse()) {
    if (scope === null) return device;
    op.device = device;
    device = typeof scope === "string" ? mergeDevices(scope, device) : canonicalDevice(scope(op));
  }
  return device;
}

/** Places a new operation with those of the colocation scopes around it, and notes that it must stay with them. */
export function colocate(op: Operation, others: readonly Operation[]): void {
  if (others.length === 0) return;
  const groups = new Set<string>();
  for (const other of others) {
    for (const group of other.colocationGroups) groups.add(group);
    if (other.device !== "") op.device = other.device;
  }
  op.attrs.set("_class", attr.strings([...groups].sort()));
}

/**
 * Works out the devices of imported operations, which so far have those of their messages. One that must be with others
 * goes where they are, whatever was noted for itself.
 */
export function placeImported(
  ops: readonly Operation[],
  scopes: readonly DeviceScope[],
  find: (name: string) => Operation | undefined,
): void {
  const colocated: (readonly [Operation, readonly string[]])[] = [];
  for (const op of ops) {
    const others = op.attrs.has("_class") ? op.colocationGroups.filter((group) => group !== `loc:@${op.name}`) : [];
    if (others.length > 0) {
      colocated.push([op, others]);
      op.device = "";
    } else if (scopes.length > 0 || op.device !== "") op.device = deviceFromScopes([...scopes, op.device], op);
  }
  for (const [op, groups] of colocated) {
    const others = groups.map((group) => find(group.slice("loc:@".length)));
    op.device = others.find((other) => other?.device)?.device ?? "";
  }
}

/** @throws `ValueError` if a device scope's name can't be understood. */
export function requireDeviceScope(scope: DeviceScope): void {
  if (typeof scope === "string") parseDevice(scope);
}

/** One `control_dependencies` scope: what must run before, and what was made inside since. */
export interface ControlScope {
  readonly before: readonly Operation[];
  readonly seen: Set<Operation>;
}

/**
 * What must run before a new operation: for each scope its operations, unless one of the new operation's inputs was
 * made inside the scope and so waits for them already.
 */
export function controlInputsFromScopes(scopes: readonly ControlScope[], inputs: readonly Output[]): Operation[] {
  const inputOps = new Set(inputs.map(({ op }) => op));
  return scopes.flatMap((scope) => {
    for (const op of inputOps) if (scope.seen.has(op)) return [];
    return scope.before.filter((op) => !inputOps.has(op));
  });
}

/** What stands around operations as they are made. */
export interface GraphScopes {
  /** With its trailing slash; `""` at the root. */
  readonly name: string;
  readonly devices: readonly DeviceScope[];
  readonly colocation: readonly Operation[];
  readonly control: readonly ControlScope[];
}

export const ROOT_SCOPES: GraphScopes = { name: "", devices: [], colocation: [], control: [] };
