import { PermissionDeniedError, ResourceExhaustedError } from "@tfsaver/core";
import type { RunOptions } from "@tfsaver/graph";

/** Bytes that a confined run may compute in any case. */
const FREE_BYTES = 2 ** 30;
/** Bytes that it may compute in addition, for each byte in variables and for each byte read from a file. */
const BYTES_PER_GIVEN_BYTE = 4;

/** Separators of path parts. A backslash counts everywhere, because it is one on Windows. */
const SEPARATOR = /[\\/]/;

/** Enforces the limits of {@link RunOptions.confine} on one run. */
export class Confinement {
  #left = FREE_BYTES;

  /** @param given - bytes that are in variables */
  constructor(
    private readonly limits: NonNullable<RunOptions["confine"]>,
    given: number,
  ) {
    this.credit(given);
  }

  /** Raises the limit for bytes that are in a variable or were read from a file, which a graph can't make up. */
  credit(bytes: number): void {
    this.#left += BYTES_PER_GIVEN_BYTE * bytes;
  }

  /** @throws `ResourceExhaustedError` if computing this many more bytes exceeds the limit. */
  reserve(bytes: number): void {
    this.#left -= bytes;
    if (this.#left >= 0) return;
    throw new ResourceExhaustedError(
      `The graph computes more than ${FREE_BYTES} bytes plus ${BYTES_PER_GIVEN_BYTE} times the size of its variables ` +
        "and the checkpoint. Saving and restoring never need that much; the graph may be meant to exhaust memory",
    );
  }

  /** @throws `PermissionDeniedError` if the run must not write or remove the file. */
  requireWritable(path: string): void {
    const { writes } = this.limits;
    const isNamed = writes !== undefined && path.startsWith(writes);
    if (isNamed && !path.slice(writes.length).split(SEPARATOR).includes("..")) return;
    throw new PermissionDeniedError(
      `The graph would write ${JSON.stringify(path)}, but ` +
        (writes === undefined ? "restoring writes no files" : `this save writes only paths that begin with ${writes}`),
      { path },
    );
  }
}
