import { Output, PartitionedVariable, Variable } from "@tfsaver/graph";

/** Describes a value of any type in a message: by its name, its class or its text. */
export function describeValue(value: unknown): string {
  if (value instanceof Output || value instanceof Variable || value instanceof PartitionedVariable) return value.name;
  return typeof value === "object" && value !== null ? (value.constructor?.name ?? "object") : String(value);
}
