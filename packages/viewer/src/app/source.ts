import type { FoundCheckpoint } from "../worker/handlers/find.js";

/** Something that was dropped, chosen or named: a storage, and the checkpoints in it. */
export interface Source {
  /** Number of its storage, for calls to the engine. */
  readonly id: number;
  /** What people call it: the name of a folder, or a URL. */
  readonly name: string;
  /** Oldest first. */
  readonly found: readonly FoundCheckpoint[];
}
