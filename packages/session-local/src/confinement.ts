import { PermissionDeniedError, ResourceExhaustedError, type Tensor } from "@tfsaver/core";
import type { RunOptions } from "@tfsaver/graph";
import { bytesFor, contentSize } from "./tensor-size.js";

/** A confined run may compute so many bytes, and of what it is given or reads a multiple more. */
const FREE_BYTES = 2 ** 30;
const TIMES_GIVEN = 4;
/** Holds a run to what {@link RunOptions.confine} allows. */
export class Confinement {
  #left = FREE_BYTES;

  constructor(private readonly limits: NonNullable<RunOptions["confine"]>) {}

  /** Takes note of a value that lies in a variable or comes from a file, and whose size is honest therefore. */
  credit(value: Tensor): void {
    this.#left += TIMES_GIVEN * (contentSize(value) + bytesFor(value.dtype, value.shape));
  }

  /** @throws `ResourceExhaustedError` if so much more must not be computed. */
  reserve(bytes: number): void {
    this.#left -= bytes;
    if (this.#left >= 0) return;
    throw new ResourceExhaustedError(
      `The graph computes more than ${FREE_BYTES} bytes and ${TIMES_GIVEN} times what its variables and the checkpoint have, ` +
        "which saving and restoring never need: it may be meant to exhaust memory",
    );
  }

  /** @throws `PermissionDeniedError` if a file must not be written or removed. */
  requireWritable(path: string): void {
    const { writes } = this.limits;
    const isNamed = writes !== undefined && path.startsWith(writes);
    if (isNamed && !path.slice(writes.length).split("/").includes("..")) return;
    throw new PermissionDeniedError(
      `The graph would write ${JSON.stringify(path)}, but ` +
        (writes === undefined ? "restoring writes no files" : `this save writes only what begins with ${writes}`),
      { path },
    );
  }
}
