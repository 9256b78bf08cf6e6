import { PartitionedVariable, Variable } from "@tfsaver/graph";
import { HostSaveable, SaveableObject } from "@tfsaver/saver-builders";

/** Describes a value of any type in a message: by its class, and its name if it has one. */
export function describeObject(value: unknown): string {
  if (value === null || typeof value !== "object")
    return typeof value === "string" ? JSON.stringify(value) : String(value);
  const kind = value.constructor?.name ?? "Object";
  const isNamed =
    value instanceof Variable ||
    value instanceof PartitionedVariable ||
    value instanceof HostSaveable ||
    value instanceof SaveableObject;
  return isNamed ? `${kind} '${value.name}'` : kind;
}
