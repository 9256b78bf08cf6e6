import type { TensorInfo, TensorSource } from "@tfsaver/checkpoint-reader";
import { dtypeInfo, isNumeric, type Tensor } from "@tfsaver/core";
import type { StreamOptions } from "@tfsaver/core/slices";

/** Size in bytes of the pieces that are in memory together. */
const ALL_BYTES = 4 << 20;
/** Smallest size of one of them. */
const MIN_BYTES = 256 << 10;

/** A tensor of an open checkpoint. */
export interface StoredTensor {
  readonly reader: Pick<TensorSource, "stream">;
  readonly info: TensorInfo;
  /** Returns memory for its pieces. Default: that of the options of all. */
  readonly allocate?: StreamOptions["allocate"] | undefined;
}

/**
 * Reads tensors of the same shape together, in pieces with the same elements. A tensor of strings comes in one.
 *
 * @param options - `pieceBytes` is that of the first tensor. Default: 0.25 to 4 MiB; the more tensors, the smaller.
 */
export async function* lockstep(
  tensors: readonly StoredTensor[],
  options: Omit<StreamOptions, "onRead"> = {},
): AsyncGenerator<Tensor[]> {
  const sizes = tensors.map(({ info: { dtype } }) => (isNumeric(dtype) ? dtypeInfo(dtype).size : 1));
  const elements = Math.max(
    1,
    Math.floor((options.pieceBytes ?? pieceBytesFor(tensors.length)) / (sizes[0] as number)),
  );
  const streams = tensors.map(({ reader, info, allocate = options.allocate }, i) => {
    const pieceBytes = elements * (sizes[i] as number);
    return reader.stream(info.name, { ...options, allocate, pieceBytes })[Symbol.asyncIterator]();
  });
  try {
    for (;;) {
      const results = await Promise.all(streams.map((stream) => stream.next()));
      if (results.every(({ done }) => done)) return;
      yield results.map(({ value }) => value as Tensor);
    }
  } finally {
    for (const stream of streams) await stream.return?.();
  }
}

function pieceBytesFor(tensors: number): number {
  return Math.max(ALL_BYTES / tensors, MIN_BYTES);
}
