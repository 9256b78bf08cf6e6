import { attr, type Graph, opNameOf } from "@tfsaver/graph";
import type { WhileContextDef } from "@tfsaver/proto/meta-graph";

/**
 * Gives the frame of a loop the name of the loop, so that it differs from that of the same loop imported elsewhere. As in
 * TensorFlow, only loops that a collection describes have theirs changed; the loops of gradients are not among them.
 */
export function nameFrame(graph: Graph, { contextName, valuesDef }: WhileContextDef): void {
  for (const name of valuesDef?.values ?? []) {
    const op = graph.findOperation(opNameOf(name));
    if (op?.type === "Enter" || op?.type === "RefEnter") op.attrs.set("frame_name", attr.string(contextName));
  }
}
