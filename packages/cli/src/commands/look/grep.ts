import { openCheckpoint, type TensorInfo } from "@tfsaver/checkpoint-reader";
import { findInFolder, selectTensors } from "@tfsaver/checkpoint-tools";
import { formatShape, isCheckpointError } from "@tfsaver/core";
import type { Context } from "../../context.js";
import { ExitCode, finding, messageOf, NotThereError } from "../../errors.js";
import { find, isFolder } from "../../find.js";
import { columns } from "../../output/columns.js";
import { type JsonOption, printJsonArray } from "../../output/json.js";
import { printable } from "../../output/printable.js";

/** Options of `tfckpt grep`. */
export interface GrepOptions extends JsonOption {
  /** Print only the checkpoints, once each. */
  readonly checkpoints?: boolean;
}

interface Hit {
  readonly checkpoint: string;
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

/** `tfckpt grep`: prints which checkpoints of some folders hold a tensor. Goes on behind damaged checkpoints. */
export async function grep(
  pattern: string,
  places: readonly string[],
  options: GrepOptions,
  context: Context,
): Promise<void> {
  const hits: Hit[] = [];
  for (const place of places) {
    const checkpoints = await checkpointsOf(place, context);
    if (checkpoints.length === 0) context.onWarning(`no checkpoint in ${place}`);
    for (const checkpoint of checkpoints) {
      for (const { name, dtype, shape } of await hitsIn(checkpoint, pattern, context)) {
        hits.push({ checkpoint, name, dtype, shape });
      }
    }
  }
  context.subject = undefined;
  if (hits.length === 0) throw new NotThereError(`no tensor matches '${printable(pattern)}' in ${places.join(", ")}`);
  if (options.json) return printJsonArray(hits, context);
  const { stdout } = context;
  if (options.checkpoints) {
    for (const checkpoint of new Set(hits.map((hit) => hit.checkpoint))) await stdout.line(printable(checkpoint));
    return;
  }
  const cells = hits.map(({ checkpoint, name, dtype, shape }) => [
    printable(checkpoint),
    printable(name),
    `${dtype} ${formatShape(shape)}`,
  ]);
  for (const line of columns(cells)) await stdout.line(line);
}

/** Returns the checkpoints of a folder, or the one that a path means. */
async function checkpointsOf(place: string, context: Context): Promise<string[]> {
  if (!(await isFolder(place, context))) return [await find(place, context)];
  const { storage, onWarning } = context;
  return finding(() => findInFolder(place, { storage, onWarning }));
}

async function hitsIn(prefix: string, pattern: string, context: Context): Promise<TensorInfo[]> {
  const { storage, signal } = context;
  try {
    const reader = await openCheckpoint(prefix, { storage, signal });
    try {
      return await selectTensors(reader, [pattern], { signal });
    } finally {
      await reader.close();
    }
  } catch (error) {
    if (isCheckpointError(error, "NotFoundError")) return [];
    if (!isCheckpointError(error, "DataLossError")) throw error;
    context.exitCode = ExitCode.bad;
    context.onWarning(`${prefix} is passed over: ${messageOf(error)}`);
    return [];
  }
}
