/** A leftover of a save or removal that was interrupted. */
export interface Debris {
  readonly path: string;
  /** `unfinished`: a file that was created and never closed, on a storage where it stays. */
  readonly kind: "file" | "directory" | "unfinished";
  /** Size in bytes; 0 for an unfinished file. */
  readonly size: number;
  /**
   * `remove`: it is of no use. `finish`: it belongs to a checkpoint that had just replaced an older one, and gets its final
   * name.
   */
  readonly action: "remove" | "finish";
  /** False if only the name says that it is debris. */
  readonly isRecognized: boolean;
}

/** Where to look for debris, and what counts as such. */
export interface DebrisScope {
  readonly isOld: (changeMs: number) => boolean;
  /** Last part of the one prefix to look at, which the caller has locked. Default: all. */
  readonly only?: string;
  /** True if the lock that the caller took over was abandoned. */
  readonly isLeft?: boolean;
  /** True if the caller writes this checkpoint, so that all its temporary files are the caller's. */
  readonly isOwn?: boolean;
  /** As in {@link DebrisOptions}. */
  readonly allTemporary?: boolean | undefined;
}

/** Compares debris by path. */
export function byPath(a: Debris, b: Debris): number {
  return a.path < b.path ? -1 : 1;
}
