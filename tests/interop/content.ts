import { openCheckpoint } from "@tfsaver/checkpoint-reader";
import type { Tensor } from "@tfsaver/core";
import { expectedForm } from "../../fixtures/goldens.js";
import type { Tensors } from "./oracle.js";

/** A tensor in the form in which the oracle gives it. */
export function plainForm(tensor: Tensor): Tensors[string] {
  const { dtype_enum: _, ...form } = expectedForm(tensor);
  return form;
}

/** All tensors of a checkpoint, read here. */
export async function contentOf(prefix: string): Promise<Tensors> {
  const reader = await openCheckpoint(prefix);
  const found: Tensors = {};
  for await (const { name } of reader.tensors()) found[name] = plainForm(await reader.get(name));
  await reader.close();
  return found;
}
