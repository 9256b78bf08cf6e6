import { type Shape, UnimplementedError } from "@tfsaver/core";
import type { FunctionDef, NodeDef } from "@tfsaver/proto/graph";

/** The value that takes the place of a variable. */
export interface FrozenValue {
  /** Name of the variable, for messages. */
  readonly variable: string;
  /** Number of the dtype in TensorFlow's `DataType` enum. */
  readonly type: number;
  readonly shape: Shape;
  /** True if the variable handed out references to its memory, and not a resource. */
  readonly isRef: boolean;
}

/** The nodes of a graph or of the body of a function. Sources of values are named `node:index`. */
export interface Scope {
  readonly nodes: readonly NodeDef[];
  /** Returns the source that an input names; `undefined` for a control input. */
  readonly sourceOf: (input: string) => string | undefined;
  /** Returns the control inputs that put a new constant into the loop or branch of an input, if there is any. */
  readonly controlsOf: (input: string) => string[];
}

/** The nodes of a graph, whose inputs are `node` or `node:index`. */
export function graphScope(nodes: readonly NodeDef[]): Scope {
  return {
    nodes,
    sourceOf(input) {
      if (input.startsWith("^")) return undefined;
      return /:\d+$/.test(input) ? input : `${input}:0`;
    },
    controlsOf: (input) => [`^${input.replace(/:\d+$/, "")}`],
  };
}

/** The body of a function, whose inputs are the name of an argument, or `node:output:index`. */
export function functionScope({ nodeDef }: FunctionDef): Scope {
  return {
    nodes: nodeDef,
    sourceOf(input) {
      if (input.startsWith("^")) return undefined;
      const [node, output, index = "0"] = input.split(":");
      // Of the operations that hand on resources, only Switch has outputs of two names.
      return `${node}:${output === "output_true" ? 1 : index}`;
    },
    // Loops and branches in functions are functions.
    controlsOf: () => [],
  };
}

/** Operations that hand on what they get, with the outputs on which they do. */
const HANDS_ON: Readonly<Record<string, readonly number[]>> = {
  Identity: [0],
  Enter: [0],
  Exit: [0],
  NextIteration: [0],
  Switch: [0, 1],
  Merge: [0],
};

/** Returns the name of an operation without the `Ref` of those that hand on references. */
export function plainType(type: string): string {
  return type.startsWith("Ref") && type.slice(3) in HANDS_ON ? type.slice(3) : type;
}

/** True for an operation that hands on references and resources. */
export function handsOn(type: string): boolean {
  return plainType(type) in HANDS_ON;
}

/** True for a loop with the functions `cond` and `body`, which hands on each of its inputs. */
export function isLoop(type: string): boolean {
  return type === "While" || type === "StatelessWhile";
}

/**
 * Follows values from their sources through operations that hand them on. Returns all sources that have one.
 *
 * @throws `UnimplementedError` if variables of different dtypes meet.
 */
export function follow(scope: Scope, sources: ReadonlyMap<string, FrozenValue>): Map<string, FrozenValue> {
  const consumers = new Map<string, { readonly node: NodeDef; readonly input: number }[]>();
  for (const node of scope.nodes) {
    for (const [input, name] of node.input.entries()) {
      const source = scope.sourceOf(name);
      if (source === undefined) continue;
      const known = consumers.get(source);
      if (known === undefined) consumers.set(source, [{ node, input }]);
      else known.push({ node, input });
    }
  }
  const values = new Map(sources);
  const queue = [...sources.keys()];
  for (let source = queue.pop(); source !== undefined; source = queue.pop()) {
    const value = values.get(source) as FrozenValue;
    for (const { node, input } of consumers.get(source) ?? []) {
      for (const output of outputsOf(node, input, value)) {
        const next = `${node.name}:${output}`;
        const other = values.get(next);
        if (other !== undefined && other.type !== value.type) throw ambiguous(node, value, other);
        if (other !== undefined) continue;
        values.set(next, value);
        queue.push(next);
      }
    }
  }
  return values;
}

function ambiguous({ name, op }: NodeDef, a: FrozenValue, b: FrozenValue): UnimplementedError {
  return new UnimplementedError(
    `The operation ${name} (${op}) stands for the variables ${a.variable} and ${b.variable}, whose dtypes differ, so no constant ` +
      "can take their place. Choose outputs that do not depend on it.",
    { op: name },
  );
}

function outputsOf({ op }: NodeDef, input: number, { isRef }: FrozenValue): readonly number[] {
  if (isLoop(op)) return isRef ? [] : [input];
  // A reference ends where an operation reads it.
  if (isRef && op === plainType(op)) return [];
  return HANDS_ON[plainType(op)] ?? [];
}
