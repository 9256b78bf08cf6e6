import { averageCheckpoints, exponentialWeights, findInFolder, formatCount } from "@tfsaver/checkpoint-tools";
import type { Context } from "../../context.js";
import { finding, NotThereError, UsageError } from "../../errors.js";
import { find, isFolder } from "../../find.js";
import type { JsonOption } from "../../output/json.js";
import { shortNumber, wholeNumber } from "../../output/numbers.js";
import { printable } from "../../output/printable.js";
import { withProgress } from "../../output/progress.js";
import { requireLocal } from "../../url-storage.js";
import { asUsage } from "./usage.js";

/** Options of `tfckpt average`, as typed. */
export interface AverageCommandOptions extends JsonOption {
  readonly last?: string;
  readonly weights?: string;
  readonly decay?: string;
  readonly match?: readonly string[];
  readonly shards: string;
  readonly dryRun?: boolean;
}

/** `tfckpt average`: writes the average of checkpoints as a new one. */
export async function average(
  paths: readonly string[],
  options: AverageCommandOptions,
  context: Context,
): Promise<void> {
  const { storage, stdout, signal, onWarning } = context;
  const shards = wholeNumber(options.shards, 1, 99_999);
  if (shards === undefined)
    throw new UsageError(`--shards takes a whole number from 1 to 99999, not '${options.shards}'`);
  const destination = paths.at(-1) as string;
  requireLocal(destination);
  const sources = await sourcesOf(paths.slice(0, -1), options.last, context);
  const weights = weightsOf(options, sources.length);
  const names = options.match ?? [];
  const dryRun = options.dryRun ?? false;
  const made = await withProgress("average", context, ({ update }) =>
    finding(() =>
      averageCheckpoints(sources, destination, {
        ...{ names, weights, shards, dryRun, storage, signal, onWarning },
        onProgress: update,
      }).catch((error: unknown) => {
        throw asUsage(error, destination);
      }),
    ),
  );
  if (options.json) return stdout.json({ ...made, sources, weights: weights ?? sources.map(() => 1), dryRun });
  for (const [i, source] of sources.entries()) {
    await stdout.line(`${weights === undefined ? "" : `${shortNumber(weights[i])} × `}${printable(source)}`);
  }
  const copied = made.tensors - made.averaged;
  const rest = copied === 0 ? "" : `, ${copied} from the newest`;
  const verb = dryRun ? "would be written" : "written";
  const what = `average of ${formatCount(sources.length, "checkpoint")}`;
  await stdout.line(
    `${printable(made.prefix)}: ${what} ${verb}: ${formatCount(made.averaged, "tensor")} averaged${rest}`,
  );
}

/** Returns the checkpoints to average, the newest last. */
async function sourcesOf(paths: readonly string[], last: string | undefined, context: Context): Promise<string[]> {
  if (last === undefined) {
    const sources: string[] = [];
    for (const path of paths) sources.push(await find(path, context));
    // An error may be about any of them.
    context.subject = undefined;
    return sources;
  }
  const count = wholeNumber(last, 1, 1_000_000);
  if (count === undefined) throw new UsageError(`--last takes a whole number from 1 on, not '${last}'`);
  const [folder = ""] = paths;
  if (paths.length !== 1 || !(await isFolder(folder, context)))
    throw new UsageError("--last takes one folder of checkpoints, and a new prefix");
  const { storage, onWarning } = context;
  const found = await findInFolder(folder, { storage, onWarning });
  if (found.length === 0) throw new NotThereError(`No checkpoint in ${folder}`);
  if (found.length < count) onWarning(`${folder} has only ${formatCount(found.length, "checkpoint")}`);
  return found.slice(-count);
}

function weightsOf({ weights, decay }: AverageCommandOptions, count: number): number[] | undefined {
  if (weights !== undefined && decay !== undefined) throw new UsageError("give --weights or --decay, not both");
  if (weights !== undefined) {
    const numbers = weights.split(",").map((text) => (text.trim() === "" ? Number.NaN : Number(text)));
    if (numbers.every((weight) => weight >= 0 && weight < Number.POSITIVE_INFINITY)) return numbers;
    throw new UsageError(`--weights takes numbers from 0 on with commas, not '${weights}'`);
  }
  if (decay === undefined) return undefined;
  const value = decay.trim() === "" ? Number.NaN : Number(decay);
  if (value >= 0 && value < 1) return exponentialWeights(count, value);
  throw new UsageError(`--decay takes a number from 0 to below 1, not '${decay}'`);
}
