import { isPartFilename as isWaitingShard } from "@tfsaver/checkpoint-names";

/** Ends the name of the file by which a saver keeps others from the same checkpoint. */
export const LOCK_SUFFIX = ".saving";

/**
 * Behind the name of an index that is about to be removed, so that its data files are known for debris if that is all
 * that is done: TensorFlow's form of a temporary name, with a number that is never drawn.
 */
export const REMOVED_SUFFIX = ".tempstate1";

/** Behind the name of an abandoned lock while somebody takes it away. */
export const BREAKING_SUFFIX = ".tempstate2";

/** What the name of a file or folder tells of what it is for. */
export interface DebrisName {
  /** The name of the checkpoint it belongs to, or of the file. */
  readonly of: string;
  /**
   * `temporary`: a file of a checkpoint in the making. `small`: another one, such as a state file or a meta graph, whose name
   * does not tell who is making it. `staged`: one of a checkpoint that was replacing an older one. `lock`: see
   * `lockPrefix`. `shards`: a folder for the parts of a checkpoint.
   */
  readonly kind: "temporary" | "small" | "staged" | "lock" | "shards";
}

const FILE_OF_CHECKPOINT = /(?:\.index|\.meta|\.data-\d{5,}-of-\d{5,}|-\d{5,}-of-\d{5,}|\.saving)$/;

const PATTERNS: readonly (readonly [RegExp, DebrisName["kind"], "file" | "directory"])[] = [
  [/^(.*)\.index\.tempstate0$/s, "staged", "file"],
  [/^(.*)\.temp-\d{5,}-of-\d{5,}$/s, "staged", "file"],
  [/^(.*)\.tempstate\d{1,20}$/s, "temporary", "file"],
  [/^(.*)\.tmp[0-9a-f]{32}$/s, "small", "file"],
  [/^(.*)\.saving$/s, "lock", "file"],
  // The numbers are from releases of TensorFlow before 2.1.
  [/^(.*)_temp(?:_[0-9a-f]{32})?$/s, "shards", "directory"],
];

/** What a name in a folder of checkpoints tells; undefined if it is not one of something temporary. */
export function debrisName(name: string, kind: "file" | "directory"): DebrisName | undefined {
  for (const [pattern, debris, wanted] of PATTERNS) {
    const of = kind === wanted ? pattern.exec(name)?.[1] : undefined;
    if (of !== undefined) return { of: of.replace(FILE_OF_CHECKPOINT, ""), kind: debris };
  }
  return undefined;
}

const PART_OF_V2 = /^part-\d{5,}-of-\d{5,}\.(?:index|data-\d{5,}-of-\d{5,})(?:\.tempstate\d{1,20})?$/;

/** Whether a file in a folder for shards is one of theirs. */
export function isPartName(name: string): boolean {
  return PART_OF_V2.test(name) || isWaitingShard(name);
}
