import { isNumeric, NotFoundError, type TensorSlice, tensorBytes } from "@tfsaver/core";
import type { FileRange } from "@tfsaver/interchange/safetensors";
import type { Handlers } from "../../rpc/index.js";
import type { OpenFiles } from "../open-files.js";

/** Maximum number of slices whose places are told. */
const MAX_SLICES = 1000;

/** Where a tensor, or one of its slices, lies. */
export interface StoredPlace extends FileRange {
  /** The slice of a partitioned tensor; undefined for a tensor that is stored whole. */
  readonly slice: TensorSlice | undefined;
}

export interface PlaceContract {
  /** Tells where a tensor lies: a place for each slice, 1,000 at most. Empty if its format does not tell. */
  places(request: { readonly id: number; readonly name: string }): readonly StoredPlace[];
  /** Reads a tensor and compares its checksums. Reports progress. Throws `DataLossError` if it is damaged. */
  verifyTensor(request: { readonly id: number; readonly name: string }): void;
}

export function placeHandlers(files: OpenFiles): Handlers<PlaceContract> {
  const infoOf = (id: number, name: string) => {
    const file = files.get(id);
    const info = file.infos.get(name);
    if (info === undefined) throw new NotFoundError(`There is no tensor ${name}`, { tensor: name });
    return { file, info };
  };
  return {
    places: async ({ id, name }, { signal }) => {
      const { file, info } = infoOf(id, name);
      if (info.slices.length === 0) {
        const place = await file.locate({ name }, { signal });
        return place === undefined ? [] : [{ slice: undefined, ...place }];
      }
      const places = info.slices.slice(0, MAX_SLICES).map(async (slice) => {
        const place = await file.locate({ name, slice }, { signal });
        return place === undefined ? [] : [{ slice, ...place }];
      });
      return (await Promise.all(places)).flat();
    },
    verifyTensor: async ({ id, name }, { signal, onProgress }) => {
      const { file, info } = infoOf(id, name);
      let done = 0;
      for await (const piece of file.tensors.stream(name, { signal })) {
        done += isNumeric(piece.dtype) ? tensorBytes(piece).length : info.size;
        onProgress({ done, total: info.size, tensor: name });
      }
    },
  };
}
