import type { CallOptions } from "@tfsaver/storage";
import type { CheckpointReader, TensorRequest } from "./reader.js";

/** Requests for everything in a checkpoint. */
export async function allTensors(reader: CheckpointReader, options?: CallOptions): Promise<TensorRequest[]> {
  const requests: TensorRequest[] = [];
  for await (const { name } of reader.tensors(options)) requests.push({ name });
  return requests;
}
