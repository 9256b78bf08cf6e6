import { formatBytes, formatCount } from "@tfsaver/checkpoint-tools/printing";
import type { Context } from "../../context.js";
import { colors } from "../../output/colors.js";
import { columns } from "../../output/columns.js";
import { printable } from "../../output/printable.js";
import type { Row } from "./ls-rows.js";
import { parametersOf } from "./ls-rows.js";

/** A scope or a tensor of the tree, with all that is below it. */
interface Node {
  readonly label: string;
  readonly children: Map<string, Node>;
  tensors: number;
  parameters: number;
  bytes: number;
}

/** A line of the tree. */
export interface TreeRow {
  /** Name of a scope or tensor, from the root. */
  readonly name: string;
  readonly tensors: number;
  readonly parameters: number;
  readonly bytes: number;
  /** Share of all bytes, from 0 to 1. */
  readonly share: number;
}

/** Deeper levels are not indented further: names can have any number of parts. */
const MAX_INDENT = 20;

/** Prints scopes and tensors as a tree, each with the parameters and bytes below it. */
export async function printTree(rows: readonly Row[], { stdout }: Context): Promise<void> {
  const { bold, dim } = colors(stdout);
  const lines = [...treeOf(rows)];
  const cells = lines.map(({ label, depth, parameters, bytes, share }) => [
    `${"  ".repeat(Math.min(depth, MAX_INDENT))}${printable(label)}`,
    formatCount(parameters, "", "").trim(),
    formatBytes(bytes),
    `${(100 * share).toFixed(1)} %`,
  ]);
  const [head = "", ...printed] = columns([["scope", "parameters", "size", "share"], ...cells], [1, 2, 3]);
  if (rows.length > 0) await stdout.line(head, bold);
  for (const line of printed) await stdout.line(line);
  await stdout.line(totalOf(rows), dim);
}

/** Formats the line below a list of tensors. */
export function totalOf(rows: readonly Row[]): string {
  const [parameters, bytes] = [rows.map(parametersOf), rows.map((row) => row.bytes)].map(sum) as [number, number];
  return `${formatCount(rows.length, "tensor")}, ${formatCount(parameters, "parameter")}, ${formatBytes(bytes)}`;
}

/** Yields the lines of the tree: a scope, then what is in it. A scope with one thing in it shares its line. */
export function* treeOf(rows: readonly Row[]): Generator<TreeRow & { readonly label: string; readonly depth: number }> {
  const root = makeNode("");
  for (const row of rows) addRow(root, row);
  const total = root.bytes;
  const stack = [...root.children.values()].reverse().map((node) => ({ node, above: "", depth: 0 }));
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { above, depth } = next;
    let { node } = next;
    const labels = [node.label];
    for (let only = onlyChild(node); only !== undefined; only = onlyChild(node)) {
      labels.push(only.label);
      node = only;
    }
    const label = labels.join("/");
    const name = above + label;
    const { tensors, parameters, bytes, children } = node;
    yield { name, label, depth, tensors, parameters, bytes, share: total === 0 ? 0 : bytes / total };
    for (const child of [...children.values()].reverse()) {
      stack.push({ node: child, above: `${name}/`, depth: depth + 1 });
    }
  }
}

/** Returns the only node below another one that is no tensor itself. */
function onlyChild({ children, tensors }: Node): Node | undefined {
  const [only] = children.values();
  return children.size === 1 && only?.tensors === tensors ? only : undefined;
}

function addRow(root: Node, row: Row): void {
  let node = root;
  add(node, row);
  for (const part of row.name.split("/")) {
    const child: Node = node.children.get(part) ?? makeNode(part);
    node.children.set(part, child);
    add(child, row);
    node = child;
  }
}

function add(node: Node, row: Row): void {
  node.tensors++;
  node.parameters += parametersOf(row);
  node.bytes += row.bytes;
}

function makeNode(label: string): Node {
  return { label, children: new Map(), tensors: 0, parameters: 0, bytes: 0 };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
