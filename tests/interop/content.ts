import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import type { Tensor } from "@tfsaver/core";
import { GraphKeys, type Session, type Variable } from "@tfsaver/graph";
import { expectedForm } from "../../fixtures/goldens.js";
import type { Tensors } from "./oracle.js";

/** Returns a tensor in the oracle's form. */
export function plainForm(tensor: Tensor): Tensors[string] {
  const { dtype_enum: _, ...form } = expectedForm(tensor);
  return form;
}

/** Reads all tensors of a checkpoint with tfsaver. */
export async function contentOf(prefix: string): Promise<Tensors> {
  const reader = await openCheckpoint(prefix);
  const found: Tensors = {};
  for await (const { name } of reader.tensors()) found[name] = plainForm(await reader.get(name));
  await reader.close();
  return found;
}

/** Reads the values of variables by name. Default: all global variables of the session's graph. */
export async function valuesOf(
  session: Session,
  variables = session.graph.collection(GraphKeys.GLOBAL_VARIABLES) as readonly Variable[],
): Promise<Tensors> {
  const values = await session.run(variables.map(({ snapshot }) => snapshot));
  return Object.fromEntries(variables.map(({ op }, i) => [op.name, plainForm(values[i] as Tensor)]));
}
