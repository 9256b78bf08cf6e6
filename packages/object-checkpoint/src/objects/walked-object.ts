import { escapeName, OPTIMIZER_SLOT } from "@tfsaver/checkpoint-reader/object-path";

/** A slot variable of an optimizer. */
interface WalkedSlot {
  readonly name: string;
  readonly variable: WalkedObject;
  readonly slot: WalkedObject;
}

/** An object of a program's graph. */
export interface WalkedObject {
  /** Position in the graph, breadth first. */
  readonly id: number;
  readonly object: object;
  readonly edges: readonly { readonly name: string; readonly id: number }[];
  /** The slot variables of an optimizer. */
  readonly slots: WalkedSlot[];
  /** The first edge that leads to the object; undefined for the root and for slot variables. */
  readonly from: { readonly parent: WalkedObject; readonly name: string } | undefined;
  /** What a slot variable is the slot of. */
  readonly slotOf:
    | { readonly variable: WalkedObject; readonly optimizer: WalkedObject; readonly name: string }
    | undefined;
}

/** Returns the path of an object in keys: escaped names of edges, joined by `/`. */
export function pathOf({ from, slotOf }: WalkedObject): string {
  if (slotOf !== undefined) {
    const { variable, optimizer, name } = slotOf;
    return [pathOf(variable), OPTIMIZER_SLOT, pathOf(optimizer), escapeName(name)].join("/");
  }
  const names: string[] = [];
  for (let at = from; at !== undefined; at = at.parent.from) names.push(escapeName(at.name));
  return names.reverse().join("/");
}

/** Returns the name of an object in messages: `(root).model.kernel`. */
export function nameOf({ from, slotOf }: WalkedObject): string {
  if (slotOf !== undefined)
    return `${nameOf(slotOf.optimizer)}'s state '${slotOf.name}' for ${nameOf(slotOf.variable)}`;
  const names: string[] = [];
  for (let at = from; at !== undefined; at = at.parent.from) names.push(at.name);
  return ["(root)", ...names.reverse()].join(".");
}
