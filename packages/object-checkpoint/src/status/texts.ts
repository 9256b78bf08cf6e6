import type { TrackableObjectGraph_TrackableObject as TrackableObject } from "@tfsaver/checkpoint-proto/object-graph";
import { edgesOf, type RootView } from "../objects/root-view.js";
import type { StoredGraph } from "../restore/stored-graph.js";

/** Maximum number of names in a message. */
const MAX_NAMES = 20;
/** Maximum number of characters of a name in a message. */
const MAX_CHARS = 200;

/** Prints names as a list, and how many more there are. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES).map(cut);
  const more = names.length - shown.length;
  return `[${shown.join(", ")}${more > 0 ? `, and ${more} more` : ""}]`;
}

/** Prints the attributes of an object of a checkpoint in protobuf's text format. */
export function textOfNode({ attributes }: TrackableObject): string {
  const lines = attributes
    .slice(0, MAX_NAMES)
    .flatMap(({ name, fullName, checkpointKey }) => [
      "attributes {",
      `  name: ${JSON.stringify(cut(name))}`,
      ...(fullName === "" ? [] : [`  full_name: ${JSON.stringify(cut(fullName))}`]),
      `  checkpoint_key: ${JSON.stringify(cut(checkpointKey))}`,
      "}",
    ]);
  return lines.join("\n");
}

/** Lists the children of an object of the program. */
export function walkedChildren(object: object, view: RootView): string {
  return childrenNamed(edgesOf(object, view).map(({ name }) => name));
}

/** Lists the children of an object of a checkpoint. */
export function storedChildren(graph: StoredGraph, id: number): string {
  return childrenNamed(graph.node(id).children.map(({ localName }) => localName));
}

function childrenNamed(names: readonly string[]): string {
  return names.length === 0 ? "no children" : `the children ${listed(names)}`;
}

function cut(name: string): string {
  return name.length > MAX_CHARS ? `${name.slice(0, MAX_CHARS)}…` : name;
}
