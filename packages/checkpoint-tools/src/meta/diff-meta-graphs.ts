import { bytesEqual } from "@tfsaver/core";
import { NodeDef } from "@tfsaver/proto/graph";
import { CollectionDef, type MetaGraphDef } from "@tfsaver/proto/meta-graph";
import { SaverDef } from "@tfsaver/proto/saver";

/** An operation that both graphs have, but not the same. */
export interface ChangedOperation {
  readonly name: string;
  /** What differs: `type`, `inputs`, `device`, or the name of an attribute. */
  readonly differences: readonly string[];
}

/** Result of {@link diffMetaGraphs}. Each list is in the order of the names. */
export interface MetaGraphDifference {
  /** True if operations, collections, signatures and the saver are the same. The order of operations does not count. */
  readonly equal: boolean;
  readonly added: readonly { readonly name: string; readonly type: string }[];
  readonly removed: readonly { readonly name: string; readonly type: string }[];
  readonly changed: readonly ChangedOperation[];
  /** Number of operations that are equal. */
  readonly unchanged: number;
  /** Keys of the collections that differ, or that only one of the graphs has. */
  readonly collections: readonly string[];
  /** Keys of the signatures that differ, or that only one of the graphs has. */
  readonly signatures: readonly string[];
  /** True if the savers differ. */
  readonly saver: boolean;
}

/**
 * Compares two meta graphs: operations by name, collections, signatures and savers.
 *
 * @example
 * ```ts
 * import { diffMetaGraphs } from "@tfsaver/checkpoint-tools/meta-graph";
 * import { readMetaGraph } from "@tfsaver/meta-graph";
 *
 * const { added, removed } = diffMetaGraphs(await readMetaGraph("a.meta"), await readMetaGraph("b.meta"));
 * console.log(added.length, removed.length);
 * ```
 */
export function diffMetaGraphs(a: MetaGraphDef, b: MetaGraphDef): MetaGraphDifference {
  const [before, after] = [a, b].map(({ graphDef }) => new Map(graphDef?.node.map((node) => [node.name, node]))) as [
    Map<string, NodeDef>,
    Map<string, NodeDef>,
  ];
  const added = only(after, before);
  const removed = only(before, after);
  const changed: ChangedOperation[] = [];
  for (const [name, node] of [...before].sort(byName)) {
    const other = after.get(name);
    const differences = other === undefined ? [] : differencesOf(node, other);
    if (differences.length > 0) changed.push({ name, differences });
  }
  const collections = differingKeys(a.collectionDef, b.collectionDef, (def) => CollectionDef.encode(def));
  const signatures = differingKeys(a.signatureDef, b.signatureDef, (bytes) => bytes);
  const saver = !sameBytes(a.saverDef && SaverDef.encode(a.saverDef), b.saverDef && SaverDef.encode(b.saverDef));
  const lists = [added, removed, changed, collections, signatures];
  return {
    equal: lists.every(({ length }) => length === 0) && !saver,
    ...{ added, removed, changed },
    unchanged: before.size - removed.length - changed.length,
    ...{ collections, signatures, saver },
  };
}

function only(
  nodes: ReadonlyMap<string, NodeDef>,
  others: ReadonlyMap<string, NodeDef>,
): { readonly name: string; readonly type: string }[] {
  const found = [...nodes].filter(([name]) => !others.has(name));
  return found.sort(byName).map(([name, { op }]) => ({ name, type: op }));
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function differencesOf(a: NodeDef, b: NodeDef): string[] {
  // Most operations are equal.
  if (bytesEqual(NodeDef.encode(a), NodeDef.encode(b))) return [];
  const found: string[] = [];
  if (a.op !== b.op) found.push("type");
  if (a.input.length !== b.input.length || a.input.some((input, i) => input !== b.input[i])) found.push("inputs");
  if (a.device !== b.device) found.push("device");
  const alone = (name: string, { attr }: NodeDef) => {
    const value = attr.get(name);
    const bare = { name: "", op: "", input: [], device: "", attr: new Map(value && [[name, value]]) };
    return NodeDef.encode(bare);
  };
  for (const name of [...new Set([...a.attr.keys(), ...b.attr.keys()])].sort()) {
    if (!bytesEqual(alone(name, a), alone(name, b))) found.push(name);
  }
  return found.length > 0 ? found : ["details"];
}

function differingKeys<T>(
  a: ReadonlyMap<string, T>,
  b: ReadonlyMap<string, T>,
  encode: (value: T) => Uint8Array,
): string[] {
  const keys = [...new Set([...a.keys(), ...b.keys()])].sort();
  return keys.filter((key) => {
    const [one, other] = [a.get(key), b.get(key)];
    return one === undefined || other === undefined || !bytesEqual(encode(one), encode(other));
  });
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : bytesEqual(a, b);
}
