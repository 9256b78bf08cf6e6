import type { TrackableObjectGraph } from "@tfsaver/checkpoint-proto/object-graph/decode";

/** A tensor of an object-based checkpoint. */
export interface ObjectTensor {
  /** Its name in the checkpoint. */
  readonly key: string;
  /** The path of its object from the root: `model/layer/kernel`. That of a slot starts with the path of its variable. */
  readonly path: string;
  /** The name that a name-based saver would use; empty if there is none. */
  readonly graphName: string;
}

/** Characters that all paths may have together. A chain of objects could take far more than its file. */
const MAX_CHARACTERS = 1 << 25;

/** Name of the attribute that is the value of a variable. Its path is that of the variable. */
const VALUE = "VARIABLE_VALUE";

/** Returns the tensors of an object graph with the shortest path to each. Graphs may have circles. */
export function objectPaths({ nodes }: TrackableObjectGraph): ObjectTensor[] {
  const paths = new Map<number, string>([[0, ""]]);
  let left = MAX_CHARACTERS;
  const name = (node: number, path: string) => {
    left -= path.length;
    if (left >= 0 && !paths.has(node) && node in nodes) paths.set(node, path);
  };
  // Nodes that are added on the way are visited too: the nearest first.
  for (const [node, path] of paths) {
    for (const { nodeId, localName } of nodes[node]?.children ?? []) name(nodeId, join(path, escapeSlash(localName)));
  }
  for (const { slotVariables } of nodes) {
    for (const { originalVariableNodeId, slotName, slotVariableNodeId } of slotVariables) {
      const owner = paths.get(originalVariableNodeId);
      if (owner !== undefined) name(slotVariableNodeId, join(owner, escapeSlash(slotName)));
    }
  }
  return nodes.flatMap(({ attributes }, node) =>
    attributes.map((attribute) => {
      const path = paths.get(node) ?? "";
      const { checkpointKey: key, fullName: graphName } = attribute;
      if (path === "" && node !== 0) return { key, path: key, graphName };
      return { key, path: attribute.name === VALUE ? path : join(path, escapeSlash(attribute.name)), graphName };
    }),
  );
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}/${name}`;
}

/** A slash in a name does not make a scope. */
function escapeSlash(name: string): string {
  return name.replaceAll("/", "∕");
}
