import { type NamedTensor, similarNames } from "@tfsaver/checkpoint-reader";
import { NotFoundError } from "@tfsaver/core";
import { isPattern } from "@tfsaver/storage";
import { printable } from "../values/printable.js";

/** Maximum number of similar names in a message. */
const MAX_SIMILAR = 3;

/** Returns the error for a name or pattern that selects nothing of a checkpoint. */
export function notFound(wanted: string, prefix: string, infos: Iterable<NamedTensor>): NotFoundError {
  const where = printable(prefix);
  if (isPattern(wanted)) {
    return new NotFoundError(
      `No tensor of ${where} matches '${printable(wanted)}'; run tfckpt ls to list its tensors`,
      {
        path: prefix,
      },
    );
  }
  const similar = similarNames({ name: wanted }, infos).slice(0, MAX_SIMILAR);
  const advice =
    similar.length === 0
      ? "; run tfckpt ls to list its tensors"
      : `; did you mean ${similar.map(({ name }) => printable(name)).join(" or ")}?`;
  return new NotFoundError(`Key ${printable(wanted)} not found in checkpoint ${where}${advice}`, { path: prefix });
}
