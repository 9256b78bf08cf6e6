import type { OperationOptions } from "@tfsaver/core";
import type { GraphScopes, Operation, Session } from "@tfsaver/graph";
import type { SaverDef } from "@tfsaver/proto/saver";
import type { SaveableObject } from "@tfsaver/saver-builders";
import type { CommitOptions } from "@tfsaver/storage";
import type { RestoreTarget } from "./restore-targets.js";

/** A session, or a snapshot of one. */
export type ValueSource = Pick<Session, "graph" | "run">;

/** The values of one save. */
export interface TakenValues {
  /** Settles when all values are taken. */
  readonly ready: Promise<void>;
  /**
   * Writes the values as a checkpoint.
   *
   * @returns the prefix of the checkpoint; for a V1 checkpoint in shards, the pattern of its files
   */
  save(path: string, options: OperationOptions & CommitOptions): Promise<string>;
}

/** Moves values into checkpoints and back: through the user's graph, or through one that the saver keeps to itself. */
export interface CheckpointAccess {
  /** The live description. For an eager saver, that of the last save or restore. */
  readonly saverDef: SaverDef;
  /** Returns the values that are saved and restored. */
  saveables(): readonly SaveableObject[];
  /** Takes the values of this moment for a save. */
  take(source: ValueSource | null): TakenValues;
  /** Reads the values and puts them in place. */
  restore(session: Session | null, path: string, options: OperationOptions): Promise<void>;
  /** Returns the smallest units that can be restored alone. */
  targets(): readonly RestoreTarget[];
  /** Returns those of the {@link CheckpointAccess.targets} that a session can't restore, with an operation it can't run. */
  unsupported(session: Session | null, targets: readonly RestoreTarget[]): ReadonlyMap<RestoreTarget, Operation>;
  /**
   * Restores some of the {@link CheckpointAccess.targets}.
   *
   * @param keys - keys in the checkpoint, by the saver's names
   */
  restoreTargets(
    session: Session | null,
    path: string,
    targets: readonly RestoreTarget[],
    keys: ReadonlyMap<string, string>,
    options: OperationOptions,
  ): Promise<void>;
  /**
   * Returns an access to the saveables whose names are all in `keys`, read under other keys. Undefined if there are none.
   *
   * @param keys - keys in the checkpoint, by the saver's names
   * @param scopes - the scopes of the graph for operations that are added
   */
  withKeys(keys: ReadonlyMap<string, string>, scopes: GraphScopes): CheckpointAccess | undefined;
}

/** Returns the saveables whose names are all in `keys`. */
export function havingKeys(
  saveables: readonly SaveableObject[],
  keys: ReadonlyMap<string, string>,
): readonly SaveableObject[] {
  return saveables.filter(({ specs }) => specs.every(({ name }) => keys.has(name)));
}
