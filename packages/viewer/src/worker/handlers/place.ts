import type { PlannedRead } from "@tfsaver/checkpoint-reader";
import { isNumeric, NotFoundError, type TensorSlice, tensorBytes } from "@tfsaver/core";
import type { Handlers } from "../../rpc/index.js";
import type { OpenFiles } from "../open-files.js";

/** Maximum number of slices whose places are told. */
const MAX_SLICES = 1000;

/** Where a tensor, or one of its slices, lies. */
export interface StoredPlace {
  /** The slice of a partitioned tensor; undefined for a tensor that is stored whole. */
  readonly slice: TensorSlice | undefined;
  readonly path: string;
  /** Byte offset in the file. */
  readonly offset: number;
  /** Length in bytes. */
  readonly length: number;
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
      const { checkpoint } = file;
      if (checkpoint === undefined) return [];
      const slices = info.slices.length === 0 ? [undefined] : info.slices.slice(0, MAX_SLICES);
      return Promise.all(
        slices.map(async (slice) => ({ slice, ...joined(await checkpoint.plan([{ name, slice }], { signal })) })),
      );
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

/** Returns the range that the reads of one slice are parts of. */
function joined(reads: readonly PlannedRead[]) {
  const [first] = reads;
  return {
    path: first?.path ?? "",
    offset: first?.offset ?? 0,
    length: reads.reduce((sum, { length }) => sum + length, 0),
  };
}
