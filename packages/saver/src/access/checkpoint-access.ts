import type { CommitOptions, OperationOptions } from "@tfsaver/core";
import type { Session } from "@tfsaver/graph";
import type { SaverDef } from "@tfsaver/proto/saver";
import type { SaveableObject } from "@tfsaver/saver-builders";
import type { RestoreTarget } from "./restore-targets.js";

/** How the values of a saver get into checkpoints and back: through a graph of the user's, or through one of its own. */
export interface CheckpointAccess {
  /** The live description; of the eager kind, of what was done last. */
  readonly saverDef: SaverDef;
  /** What is saved and restored. */
  saveables(): readonly SaveableObject[];
  /**
   * Writes the values.
   *
   * @param path - of the checkpoint
   * @returns its prefix, or of a V1 checkpoint in shards the pattern of its files
   */
  save(session: Session | null, path: string, options: OperationOptions & CommitOptions): Promise<string>;
  /** Reads the values and puts them in place. */
  restore(session: Session | null, path: string, options: OperationOptions): Promise<void>;
  /** What is restored, told apart by what can be restored alone. */
  targets(): readonly RestoreTarget[];
  /** Reads the values of some of the {@link CheckpointAccess.targets}, under the keys that the checkpoint has for them. */
  restoreTargets(
    session: Session | null,
    path: string,
    targets: readonly RestoreTarget[],
    keys: ReadonlyMap<string, string>,
    options: OperationOptions,
  ): Promise<void>;
  /**
   * The same for those saveables all of whose names are in `keys`, read from the checkpoint under the names there.
   * Undefined if there are none.
   */
  withKeys(keys: ReadonlyMap<string, string>): CheckpointAccess | undefined;
}

/** The saveables that {@link CheckpointAccess.withKeys} is about. */
export function havingKeys(
  saveables: readonly SaveableObject[],
  keys: ReadonlyMap<string, string>,
): readonly SaveableObject[] {
  return saveables.filter(({ specs }) => specs.every(({ name }) => keys.has(name)));
}
