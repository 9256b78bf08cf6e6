import type { GraphIndex } from "../../../model/graph/graph-index.js";
import { NameText } from "../../../ui/name-text.js";
import { NodeButton } from "../node-button.js";

interface TensorButtonProps {
  readonly graph: GraphIndex;
  /** Name of a tensor or of a node: `save/Const:0`. */
  readonly tensor: string;
}

/** Leads to the node of a tensor, if the graph has it. */
export function TensorButton({ graph, tensor }: TensorButtonProps) {
  const name = tensor.replace(/:\d+$/, "");
  return graph.placeOf(name) === undefined ? <NameText text={tensor} /> : <NodeButton name={name} text={tensor} />;
}
