import { edgesOf, type RootView } from "./root-view.js";
import { addSlots } from "./slots.js";
import type { WalkedObject } from "./walked-object.js";

/** The objects that can be reached from a root, breadth first, and the slot variables behind them. */
export interface ObjectWalk {
  readonly nodes: readonly WalkedObject[];
  readonly byObject: ReadonlyMap<object, WalkedObject>;
}

type Building = WalkedObject & { readonly edges: { readonly name: string; readonly id: number }[] };

/**
 * Walks the objects below a root in the order in which TensorFlow numbers them.
 *
 * @throws `ValueError` for a map with a key that is not a string; `UnimplementedError` for a slot variable with children, or one
 * that is a child too.
 */
export function walkObjects(view: RootView): ObjectWalk {
  const nodes: Building[] = [];
  const byObject = new Map<object, Building>();
  const add = (object: object, from: WalkedObject["from"], slotOf: WalkedObject["slotOf"]) => {
    const node: Building = { id: nodes.length, object, edges: [], slots: [], from, slotOf };
    nodes.push(node);
    byObject.set(object, node);
    return node;
  };
  add(view.root, undefined, undefined);
  // The loop visits nodes that are added while it runs.
  for (const parent of nodes) {
    for (const { name, object } of edgesOf(parent.object, view)) {
      const { id } = byObject.get(object) ?? add(object, { parent, name }, undefined);
      parent.edges.push({ name, id });
    }
  }
  addSlots([...nodes], byObject, (slot, slotOf) => add(slot, undefined, slotOf));
  return { nodes, byObject };
}
