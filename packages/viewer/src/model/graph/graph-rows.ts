import type { GraphIndex } from "./graph-index.js";

/** How the nodes of a graph are listed. */
export type Grouping = "scope" | "type";

/** A row of the list of nodes. */
export type GraphRow =
  | {
      readonly kind: "group";
      /** The scope with its "/", or the type; names it in the set of open groups. */
      readonly key: string;
      readonly label: string;
      readonly depth: number;
      /** Number of nodes in it. */
      readonly count: number;
      readonly isOpen: boolean;
    }
  | { readonly kind: "node"; readonly place: number; readonly label: string; readonly depth: number };

/**
 * Lists the nodes of a graph as rows of a tree.
 *
 * @param open - keys of the groups whose nodes are listed
 */
export function graphRows(graph: GraphIndex, grouping: Grouping, open: ReadonlySet<string>): GraphRow[] {
  const rows: GraphRow[] = [];
  if (grouping === "type") addTypes(graph, open, rows);
  else addScopes(graph, open, rows);
  return rows;
}

/**
 * Lists the nodes whose name or type contains a text, in any case.
 *
 * @param type - the type of the operation; undefined for any
 */
export function matchingNodes(graph: GraphIndex, text: string, type?: string): GraphRow[] {
  const wanted = text.toLowerCase();
  const rows: GraphRow[] = [];
  for (let place = 0; place < graph.length; place++) {
    if (type !== undefined && graph.type(place) !== type) continue;
    const name = graph.name(place);
    if (!name.toLowerCase().includes(wanted) && !graph.type(place).toLowerCase().includes(wanted)) continue;
    rows.push({ kind: "node", place, label: name, depth: 0 });
  }
  return rows;
}

/** Returns the keys of the scopes around a node, which must be open for it to be seen. */
export function scopesAround(name: string): string[] {
  const keys: string[] = [];
  for (let at = name.indexOf("/"); at >= 0; at = name.indexOf("/", at + 1)) {
    keys.push(name.slice(0, at + 1));
    // A name may have a million of them.
    if (keys.length === MAX_DEPTH) break;
  }
  return keys;
}

/** Levels of the tree; what is deeper is listed flat. */
const MAX_DEPTH = 50;

function addScopes(graph: GraphIndex, open: ReadonlySet<string>, rows: GraphRow[]): void {
  const { names } = graph;
  // The nodes of a scope follow each other. Each range is listed by a step, the inner ones first.
  const steps: { place: number; end: number; scope: string; depth: number }[] = [];
  steps.push({ place: 0, end: names.length, scope: "", depth: 0 });
  for (let step = steps.at(-1); step !== undefined; step = steps.at(-1)) {
    const { place, end, scope, depth } = step;
    if (place >= end) {
      steps.pop();
      continue;
    }
    const name = names[place] as string;
    const slash = depth < MAX_DEPTH ? name.indexOf("/", scope.length) : -1;
    if (slash < 0) {
      rows.push({ kind: "node", place, label: name.slice(scope.length), depth });
      step.place++;
      continue;
    }
    const key = name.slice(0, slash + 1);
    const next = endOfScope(names, key, place, end);
    const isOpen = open.has(key);
    rows.push({ kind: "group", key, label: key.slice(scope.length), depth, count: next - place, isOpen });
    step.place = next;
    if (isOpen) steps.push({ place, end: next, scope: key, depth: depth + 1 });
  }
}

/** Returns the first place from which names no longer start with a scope. */
function endOfScope(names: readonly string[], scope: string, start: number, end: number): number {
  let [inside, outside] = [start, end];
  while (outside - inside > 1) {
    const middle = (inside + outside) >>> 1;
    if ((names[middle] as string).startsWith(scope)) inside = middle;
    else outside = middle;
  }
  return outside;
}

function addTypes(graph: GraphIndex, open: ReadonlySet<string>, rows: GraphRow[]): void {
  const places = new Map<string, number[]>();
  for (let place = 0; place < graph.length; place++) {
    const type = graph.type(place);
    if (!open.has(type)) continue;
    const known = places.get(type);
    if (known === undefined) places.set(type, [place]);
    else known.push(place);
  }
  for (const { type, count } of graph.summary.types) {
    rows.push({ kind: "group", key: type, label: type, depth: 0, count, isOpen: open.has(type) });
    for (const place of places.get(type) ?? []) rows.push({ kind: "node", place, label: graph.name(place), depth: 1 });
  }
}
