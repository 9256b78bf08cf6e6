import { makeTensor, type Tensor } from "@tfsaver/core";
import { NodeStorage } from "@tfsaver/storage/node";
import { BundleWriter } from "@tfsaver/tensor-bundle";
import type { Page } from "playwright";

/** Writes a checkpoint. */
export async function writeTensors(prefix: string, tensors: Readonly<Record<string, Tensor>>): Promise<void> {
  const writer = new BundleWriter(prefix, { storage: new NodeStorage({ fsync: false }) });
  for (const [name, tensor] of Object.entries(tensors)) await writer.add(name, tensor);
  await writer.finish();
}

/** Makes a float32 tensor whose elements are computed from their place. */
export function floats(shape: readonly number[], valueAt: (place: number) => number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return makeTensor(
    "float32",
    shape,
    Float32Array.from({ length: count }, (_, place) => valueAt(place)),
  );
}

/** Makes a string tensor. */
export function strings(shape: readonly number[], values: readonly (string | Uint8Array)[]): Tensor {
  const encoder = new TextEncoder();
  return makeTensor(
    "string",
    shape,
    values.map((value) => (typeof value === "string" ? encoder.encode(value) : value)),
  );
}

/** Returns what stands behind the URL of the page to see a tensor. */
export function addressOf(prefix: string, tensor: string, params: Readonly<Record<string, string>> = {}): string {
  return `?served=${prefix}#tensors?${new URLSearchParams({ tensor, ...params })}`;
}

/** Returns the cell of a row and a column, counted from 0, if it is in the page. */
export function cellAt(page: Page, row: number, column: number) {
  return page.locator(`[role=row][aria-rowindex="${row + 2}"] [role=gridcell][aria-colindex="${column + 2}"]`);
}
