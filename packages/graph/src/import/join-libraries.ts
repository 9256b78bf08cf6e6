import { bytesEqual, ValueError } from "@tfsaver/core";
import { FunctionDef, FunctionDefLibrary, type NodeDef } from "@tfsaver/proto/graph";

/**
 * Joins two serialized function libraries. Functions keep their bytes. A function that both have is kept once; functions are
 * compared by meaning, because two processes of Python write maps in different orders.
 *
 * @throws `ValueError` if both have different functions of the same name; `DataLossError` if a library is damaged.
 */
export function joinLibraries(before: Uint8Array | undefined, added: Uint8Array | undefined): Uint8Array | undefined {
  if (before === undefined || added === undefined) return before ?? added;
  const [known, more] = [FunctionDefLibrary.decode(before), FunctionDefLibrary.decode(added)];
  const byName = new Map(known.function.map((bytes) => [nameOf(bytes), bytes]));
  const others = more.function.filter((bytes) => {
    const same = byName.get(nameOf(bytes));
    if (same === undefined) return true;
    if (bytesEqual(same, bytes) || bytesEqual(canonical(same), canonical(bytes))) return false;
    throw new ValueError(
      `Cannot add function '${nameOf(bytes)}' because a different function with the same name already exists.`,
    );
  });
  const differentiated = new Set(known.gradient.map(({ functionName }) => functionName));
  return FunctionDefLibrary.encode({
    ...known,
    function: [...known.function, ...others],
    gradient: [...known.gradient, ...more.gradient.filter(({ functionName }) => !differentiated.has(functionName))],
    registeredGradients: [...known.registeredGradients, ...more.registeredGradients],
  });
}

/**
 * Returns the bytes that all functions of the same meaning have, by TensorFlow's own rule (`FunctionDefsEqual`): the order of
 * maps, nodes, attributes and control inputs doesn't matter, nor do the attributes of arguments.
 */
function canonical(bytes: Uint8Array): Uint8Array {
  const def = FunctionDef.decode(bytes);
  const { signature } = def;
  return FunctionDef.encode({
    ...def,
    // Encoding sorts the maps.
    signature: signature && { ...signature, attr: signature.attr.toSorted(byName) },
    nodeDef: def.nodeDef.map(canonicalNode).sort(byName),
    argAttr: new Map(),
    resourceArgUniqueId: new Map(),
  });
}

function canonicalNode(node: NodeDef): NodeDef {
  const [data, control] = [false, true].map((isControl) =>
    node.input.filter((input) => input.startsWith("^") === isControl),
  ) as [string[], string[]];
  return { ...node, input: [...data, ...control.sort()], experimentalDebugInfo: undefined };
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

function nameOf(bytes: Uint8Array): string {
  return FunctionDef.decode(bytes).signature?.name ?? "";
}
