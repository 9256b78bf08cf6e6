import { Output, PartitionedVariable, Variable } from "@tfsaver/graph";

/** A value of any kind, for a message. */
export function describe(value: unknown): string {
  if (value instanceof Output || value instanceof Variable || value instanceof PartitionedVariable) return value.name;
  return typeof value === "object" && value !== null ? (value.constructor?.name ?? "object") : String(value);
}
