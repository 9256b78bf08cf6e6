import {
  DATA,
  INDEX,
  LOCK,
  MARKS,
  META_GRAPH_SUFFIX,
  PART,
  PARTS,
  RECORDS,
  STAGED_DATA,
  STATE_FILENAME,
  TEMPSTATE,
  TMP,
  WHOLE,
} from "./endings.js";
import type { CheckpointFilename } from "./filename.js";
import { SHARD_NUMBER } from "./shard-number.js";

type Form = Omit<CheckpointFilename, "prefix" | "shard" | "numShards">;

const SHARD = `-(${SHARD_NUMBER})-of-(${SHARD_NUMBER})`;

/** The endings of names that are not temporary. The first that fits counts. */
const FORMS: readonly (readonly [ending: RegExp, form: Form])[] = [
  [ending(INDEX), { format: "V2", role: "index", stage: "final" }],
  [ending(DATA, SHARD), { format: "V2", role: "data", stage: "final" }],
  [ending(STAGED_DATA, SHARD), { format: "V2", role: "data", stage: "staged" }],
  [ending(`${PARTS}/${PART}`, SHARD), { format: "V1", role: "slices", stage: "staged" }],
  [
    ending(`${PARTS}/${WHOLE}`, `-(00000)-of-(${SHARD_NUMBER})`),
    { format: "V1", role: "slices", stage: "staged", isWhole: true },
  ],
  [ending("", SHARD), { format: "V1", role: "slices", stage: "final" }],
  [ending(`.${META_GRAPH_SUFFIX}`), { format: undefined, role: "meta-graph", stage: "final" }],
  [ending(RECORDS), { format: undefined, role: "records", stage: "final" }],
  [ending(LOCK), { format: undefined, role: "lock", stage: "final" }],
];

/** The digits are from releases of TensorFlow before 2.1. */
const PARTS_FOLDER = ending(PARTS, "(?:_[0-9a-f]{32})?");
const TEMPORARY = ending(TEMPSTATE, String.raw`(\d{1,20})`);
const REPLACEMENT = ending(TMP, "[0-9a-f]{32}");

function ending(text: string, pattern = ""): RegExp {
  return new RegExp(`${text.replaceAll(".", "\\.")}${pattern}$`);
}

/**
 * Parses the name of a file.
 *
 * A name that nothing else fits is taken for a V1 checkpoint in one file, whose prefix is the name: such a file has no
 * ending. Four names are ambiguous:
 *
 * - `checkpoint`, or whatever the state file is called, is the state file, not a V1 checkpoint.
 * - `model-00000-of-00002` is a shard of `model`, not a V1 checkpoint in one file of this name.
 * - `model_temp/part-00000-of-00002` is a staged shard of `model`, not a shard of the checkpoint `part` in a folder
 *   `model_temp`. Without the folder, `part-00000-of-00002` is a shard of `part`.
 * - `name.tmp` and 32 hexadecimal digits is a state file called `name` that is being replaced, unless the name has the
 *   ending of another role.
 *
 * A name that was cut because it was too long (see {@link withSuffix}) gives the cut prefix.
 *
 * @param name - a name or a path; the folder stays in front of the prefix
 * @param kind - what has this name. Default: `"file"`
 * @param stateFilename - name of the state file. Default: `"checkpoint"`
 * @returns `undefined` for a folder that belongs to no checkpoint
 *
 * @example
 * ```ts
 * import { parseCheckpointFilename } from "@tfsaver/checkpoint-names";
 *
 * parseCheckpointFilename("run/model-5.data-00001-of-00002");
 * // { prefix: "run/model-5", format: "V2", role: "data", stage: "final", shard: 1, numShards: 2 }
 * ```
 */
export function parseCheckpointFilename(name: string, kind?: "file", stateFilename?: string): CheckpointFilename;
export function parseCheckpointFilename(
  name: string,
  kind: "file" | "directory",
  stateFilename?: string,
): CheckpointFilename | undefined;
export function parseCheckpointFilename(
  name: string,
  kind: "file" | "directory" = "file",
  stateFilename: string = STATE_FILENAME,
): CheckpointFilename | undefined {
  if (kind === "directory") return parsePartsFolder(name);
  const replaced = beforeEnding(name, REPLACEMENT);
  if (replaced !== undefined) return { ...(writtenFile(replaced) ?? stateFile(replaced)), stage: "temporary" };
  const temporary = TEMPORARY.exec(name);
  if (temporary !== null) {
    const written = name.slice(0, temporary.index);
    const file = writtenFile(written) ?? slicesFile(written);
    return { ...file, stage: markedStage(file, temporary[1] as string) };
  }
  const isState = name.slice(name.lastIndexOf("/") + 1) === stateFilename;
  return isState ? stateFile(name) : (withEnding(name) ?? slicesFile(name));
}

/** True for the name of a file that savers write into the folder for parts. */
export function isPartFilename(name: string): boolean {
  return PART_FILENAME.test(name);
}

const PART_FILENAME = new RegExp(
  `^(?:${WHOLE}-00000-of-(?:${SHARD_NUMBER})|` +
    `${PART}${SHARD}(?:\\${INDEX}|\\${DATA}${SHARD})?(?:\\${TEMPSTATE}\\d{1,20})?)$`,
);

function parsePartsFolder(name: string): CheckpointFilename | undefined {
  const prefix = beforeEnding(name, PARTS_FOLDER);
  return prefix === undefined ? undefined : { prefix, format: undefined, role: "parts", stage: "temporary" };
}

function beforeEnding(name: string, pattern: RegExp): string | undefined {
  const match = pattern.exec(name);
  return match === null ? undefined : name.slice(0, match.index);
}

function withEnding(name: string): CheckpointFilename | undefined {
  for (const [pattern, form] of FORMS) {
    const match = pattern.exec(name);
    if (match === null) continue;
    const prefix = name.slice(0, match.index);
    const [, shard, numShards] = match;
    if (shard === undefined) return { prefix, ...form };
    return { prefix, ...form, shard: Number(shard), numShards: Number(numShards) };
  }
  return undefined;
}

/** Parses the name in front of a temporary ending. `whole-…` never stands there: shards get that name by a rename. */
function writtenFile(name: string): CheckpointFilename | undefined {
  const file = withEnding(name);
  return file?.isWhole ? undefined : file;
}

function slicesFile(prefix: string): CheckpointFilename {
  return { prefix, format: "V1", role: "slices", stage: "final" };
}

function stateFile(prefix: string): CheckpointFilename {
  return { prefix, format: undefined, role: "state", stage: "final" };
}

/** Returns what the number behind `.tempstate` says. */
function markedStage({ role, stage }: CheckpointFilename, number: string): CheckpointFilename["stage"] {
  const is = (mark: bigint) => stage === "final" && number === String(mark);
  if (role === "index" && is(MARKS.staged)) return "staged";
  if (role === "index" && is(MARKS.removing)) return "removing";
  if (role === "lock" && is(MARKS.breaking)) return "breaking";
  return "temporary";
}
