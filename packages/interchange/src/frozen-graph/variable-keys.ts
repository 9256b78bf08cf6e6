import { DataLossError, dtypeToEnum, parseShapeAndSlice, type ShapeAndSlice, tensorStrings } from "@tfsaver/core";
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
 *
 * @throws `DataLossError` if an operation restores a slice that is not valid.
 */
export function restoredKeys(nodes: ReadonlyMap<string, NodeDef>): Map<string, VariableKey> {
  const keys = new Map<string, VariableKey>();
  const stringsOf = stringReader();
  for (const { op, input } of nodes.values()) {
    const [target = "", value = ""] = input;
    const variable = nodes.get(nodeOf(target));
    if ((op !== "Assign" && op !== "AssignVariableOp") || variable === undefined || !isVariable(variable)) continue;
    const key = keyOf(value, nodes, stringsOf);
    if (key !== undefined && !keys.has(variable.name)) keys.set(variable.name, key);
  }
  return keys;
}

/** Follows a value back to the operation that restores it. */
function keyOf(value: string, nodes: ReadonlyMap<string, NodeDef>, stringsOf: StringReader): VariableKey | undefined {
  let source = value;
  let node = nodes.get(nodeOf(source));
  // This ends: a graph with a cycle other than that of a loop is refused before.
  while (node?.op === "Identity" || node?.op === "Reshape") {
    source = node.input[0] ?? "";
    node = nodes.get(nodeOf(source));
  }
  if (node?.op !== "RestoreV2") return undefined;
  const index = Number(source.split(":")[1] ?? 0);
  const [key, spec] = [1, 2].map((i) => {
    const strings = stringsOf(nodes.get(nodeOf(node.input[i] ?? "")));
    const bytes = strings[index] ?? strings.at(-1);
    return bytes && new TextDecoder().decode(bytes);
  });
  if (key === undefined) return undefined;
  try {
    return { key, part: parseShapeAndSlice(spec ?? "") };
  } catch (cause) {
    throw new DataLossError(`The operation ${node.name}: ${(cause as Error).message}`, { op: node.name, cause });
  }
}

function nodeOf(input: string): string {
  return input.replace(/^\^|:\d+$/g, "");
}

/** Returns the strings of a constant, of which the last one may stand for all that follow; none if it has no strings. */
type StringReader = (node: NodeDef | undefined) => readonly Uint8Array[];

/** Returns a reader that decodes each constant once: the variables of a saver share theirs. */
function stringReader(): StringReader {
  const known = new Map<NodeDef, readonly Uint8Array[]>();
  return (node) => {
    const tensor = node?.op === "Const" ? node.attr.get("value")?.tensor : undefined;
    if (node === undefined || tensor?.dtype !== dtypeToEnum("string")) return [];
    if (tensor.tensorContent.length === 0) return tensor.stringVal;
    const strings = known.get(node) ?? tensorStrings(tensorFromProto(tensor));
    known.set(node, strings);
    return strings;
  };
}
