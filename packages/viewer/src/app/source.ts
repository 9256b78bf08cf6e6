import type { Storage } from "@tfsaver/storage";
import type { Found } from "../worker/find/found-checkpoint.js";

/** Something that was dropped, chosen or named: a storage, and the checkpoints in it. */
export interface Source {
  /** Number of its storage, for calls to the engine. */
  readonly id: number;
  /** What people call it: the name of a folder, or a URL. */
  readonly name: string;
  /** The checkpoints in it. */
  readonly found: Found;
}

/** A storage, and what to look for in it. */
export interface Place {
  /** What people call it. */
  readonly name: string;
  readonly storage: Storage;
  /** A prefix, a file, a folder or a state file; empty for all of the storage. */
  readonly path: string;
  /** True for files that were dropped or chosen: reading them sends no requests. Default: false. */
  readonly isLocal?: boolean | undefined;
  /** Says more about an error than its storage can. Undefined if there is nothing more to say. */
  readonly explain?: ((error: Error) => Error | undefined) | undefined;
}

/** Returns a text that tells the checkpoints of all sources apart. */
export function keyOf(source: Source, path: string): string {
  return `${source.id} ${path}`;
}
