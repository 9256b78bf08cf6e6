import { ALL_DTYPES, byteLength, type DType, type Shape } from "@tfsaver/core";
import { Catalog } from "../../src/model/tensors/catalog.js";

/** Makes the catalog of tensors by name. */
export function catalogOf(tensors: Readonly<Record<string, readonly [DType, Shape]>>): Catalog {
  const all = Object.entries(tensors).sort(([a], [b]) => (a < b ? -1 : 1));
  let end = 0;
  const ends = all.map(([, [, shape]]) => {
    end += shape.length;
    return end;
  });
  return new Catalog({
    id: 1,
    prefix: "model",
    format: "V2",
    numShards: 1,
    names: all.map(([name]) => name),
    dtypes: Uint8Array.from(all, ([, [dtype]]) => ALL_DTYPES.indexOf(dtype)),
    sizes: Float64Array.from(all, ([, [dtype, shape]]) => byteLength(dtype, shape)),
    dimensions: Float64Array.from(all.flatMap(([, [, shape]]) => shape)),
    shapeEnds: Uint32Array.from(ends),
    shards: new Uint32Array(all.length),
    slices: new Uint32Array(all.length),
    inParts: new Uint8Array(all.length).fill(1),
    hasChecksum: new Uint8Array(all.length).fill(1),
    unreadable: [],
  });
}
