import { PermissionDeniedError, ResourceExhaustedError } from "@tfsaver/core";
import type { RunOptions } from "@tfsaver/graph";

/** A confined run may compute so many bytes, and of what it is given or reads a multiple more. */
const FREE_BYTES = 2 ** 30;
const TIMES_GIVEN = 4;

/** What parts the names in a path: on some systems a backslash does, and where it does not, nobody misses it. */
const SEPARATOR = /[\\/]/;

/** Holds a run to what {@link RunOptions.confine} allows. */
export class Confinement {
  #left = FREE_BYTES;

  /** @param given - bytes that lie in variables */
  constructor(
    private readonly limits: NonNullable<RunOptions["confine"]>,
    given: number,
  ) {
    this.credit(given);
  }

  /** Takes note of bytes that lie in a variable or come from a file, and whose number is honest therefore. */
  credit(bytes: number): void {
    this.#left += TIMES_GIVEN * bytes;
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
    if (isNamed && !path.slice(writes.length).split(SEPARATOR).includes("..")) return;
    throw new PermissionDeniedError(
      `The graph would write ${JSON.stringify(path)}, but ` +
        (writes === undefined ? "restoring writes no files" : `this save writes only what begins with ${writes}`),
      { path },
    );
  }
}
