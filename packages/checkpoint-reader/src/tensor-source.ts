import type { CheckpointReader } from "./checkpoint-reader.js";

/**
 * The part of a {@link CheckpointReader} that copies need: named tensors that come in pieces. Files of other formats are
 * read through it too.
 *
 * A `slice` is always one of the `slices` of the tensor, or left out.
 */
export type TensorSource = Pick<CheckpointReader, "tensors" | "stream" | "get">;
