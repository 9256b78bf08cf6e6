import { parseShapeAndSlice, type ShapeAndSlice, tensorStrings } from "@tfsaver/core";
import { tensorFromProto } from "@tfsaver/graph";
import type { NodeDef } from "@tfsaver/proto/graph";

/** The place of a variable in a checkpoint. */
export interface VariableKey {
  readonly key: string;
  /** The part of a partitioned variable. */
  readonly part: ShapeAndSlice | undefined;
}

const VARIABLES: ReadonlySet<string> = new Set(["Variable", "VariableV2", "VarHandleOp"]);

/** True for a node that is a variable. */
export function isVariable({ op }: NodeDef): boolean {
  return VARIABLES.has(op);
}

/**
 * Finds the names under which the savers of a graph restore its variables, from the operations that restore them. A variable that
 * no saver restores is not in the result.
 */
export function restoredKeys(nodes: ReadonlyMap<string, NodeDef>): Map<string, VariableKey> {
  const keys = new Map<string, VariableKey>();
  for (const { op, input } of nodes.values()) {
    const [target = "", value = ""] = input;
    const variable = nodes.get(nodeOf(target));
    if ((op !== "Assign" && op !== "AssignVariableOp") || variable === undefined || !isVariable(variable)) continue;
    const key = keyOf(value, nodes);
    if (key !== undefined && !keys.has(variable.name)) keys.set(variable.name, key);
  }
  return keys;
}

/** Follows a value back to the operation that restores it. */
function keyOf(value: string, nodes: ReadonlyMap<string, NodeDef>): VariableKey | undefined {
  let source = value;
  let node = nodes.get(nodeOf(source));
  while (node?.op === "Identity" || node?.op === "Reshape") {
    source = node.input[0] ?? "";
    node = nodes.get(nodeOf(source));
  }
  if (node?.op !== "RestoreV2") return undefined;
  const index = Number(source.split(":")[1] ?? 0);
  const [names, specs] = [1, 2].map((i) => stringsOf(nodes.get(nodeOf(node.input[i] ?? ""))));
  const key = names?.[index];
  return key === undefined ? undefined : { key, part: parseShapeAndSlice(specs?.[index] ?? "") };
}

function nodeOf(input: string): string {
  return input.replace(/^\^|:\d+$/g, "");
}

function stringsOf(node: NodeDef | undefined): string[] | undefined {
  const tensor = node?.op === "Const" ? node.attr.get("value")?.tensor : undefined;
  if (tensor === undefined) return undefined;
  return tensorStrings(tensorFromProto(tensor)).map((bytes) => new TextDecoder().decode(bytes));
}
