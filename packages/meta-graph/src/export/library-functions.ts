import { FunctionDef, FunctionDefLibrary, type GraphDef } from "@tfsaver/proto/graph";

/** Returns the functions of a graph by name, in the order of the message. */
export function functionsOf({ library }: GraphDef): Map<string, FunctionDef> {
  if (library === undefined) return new Map();
  const functions = FunctionDefLibrary.decode(library).function.map((bytes) => FunctionDef.decode(bytes));
  return new Map(functions.map((def) => [def.signature?.name ?? "", def]));
}

/** Replaces the functions of a graph by serialized ones. The rest of its library stays. */
export function withFunctions(graphDef: GraphDef, functions: readonly Uint8Array[]): GraphDef {
  if (graphDef.library === undefined) return graphDef;
  const library = { ...FunctionDefLibrary.decode(graphDef.library), function: [...functions] };
  return { ...graphDef, library: FunctionDefLibrary.encode(library) };
}
