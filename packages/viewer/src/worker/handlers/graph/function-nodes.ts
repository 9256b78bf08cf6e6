import type { FunctionDef, NodeDef } from "@tfsaver/proto/graph";

/**
 * Returns the nodes of a function, as TensorFlow instantiates it: with a node `_Arg` for each argument, and a node `_Retval` for each
 * result.
 */
export function functionNodes({ signature, nodeDef, ret }: FunctionDef): NodeDef[] {
  const names = new Set(nodeDef.map(({ name }) => name));
  const args = (signature?.inputArg ?? []).map(({ name, type }, i) => node(name, "_Arg", [], type, i));
  const results = (signature?.outputArg ?? []).map(({ name, type }, i) => {
    let own = `${name}_RetVal`;
    while (names.has(own)) own += "_";
    const source = ret.get(name);
    return node(own, "_Retval", source === undefined ? [] : [source], type, i);
  });
  return [...args, ...nodeDef, ...results];
}

function node(name: string, op: string, input: string[], type: number, index: number): NodeDef {
  const attr: NodeDef["attr"] = new Map([
    ["T", { type }],
    ["index", { i: BigInt(index) }],
  ]);
  return { name, op, input, device: "", attr };
}
