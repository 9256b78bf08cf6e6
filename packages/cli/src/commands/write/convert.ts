import { indexFilename } from "@tfsaver/checkpoint-names";
import { openCheckpoint, type TensorSource } from "@tfsaver/checkpoint-reader";
import { convertCheckpoint, formatCount } from "@tfsaver/checkpoint-tools";
import { isCheckpointError } from "@tfsaver/core";
import { interchangeFormat, mapTensors } from "@tfsaver/interchange";
import type { Context } from "../../context.js";
import { finding, UsageError } from "../../errors.js";
import { find } from "../../find.js";
import type { JsonOption } from "../../output/json.js";
import { printable } from "../../output/printable.js";
import { withProgress } from "../../output/progress.js";
import { requireLocal } from "../../url-storage.js";
import { openFile, type WritableFormat, writeFile } from "./formats.js";
import { readNameMap } from "./name-map.js";
import { asUsage } from "./usage.js";

/** Options of `tfckpt convert`, as typed. */
export interface ConvertCommandOptions extends JsonOption {
  readonly version?: "v1" | "v2";
  readonly to?: "v1" | "v2" | WritableFormat;
  readonly shards?: string;
  /** A file with a map of names, or the name of one that is shipped. */
  readonly map?: string;
  readonly cast?: boolean;
  readonly dropUnsupported?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** What was written. */
interface Report {
  /** The prefix of a checkpoint, or the file to open. */
  readonly path: string;
  readonly format: string;
  readonly tensors: number;
  readonly shards: number;
  readonly cast: readonly { readonly name: string; readonly from: string; readonly to: string }[];
  readonly dropped: readonly string[];
}

/** `tfckpt convert`: writes a checkpoint, or a file of another format, in another format or number of shards. */
export async function convert(
  source: string,
  destination: string,
  options: ConvertCommandOptions,
  context: Context,
): Promise<void> {
  if (!/^[1-9]\d{0,4}$/.test(options.shards ?? "1")) {
    throw new UsageError(`--shards takes a whole number from 1 to 99999, not '${options.shards}'`);
  }
  requireLocal(destination);
  const target = targetOf(destination, options);
  const report = await withSource(source, context, async (opened) =>
    write(await renamed(opened, options, context), destination, target, options, context),
  );
  if (options.json) return context.stdout.json({ ...report, dryRun: options.dryRun ?? false });
  await print(report, options, context);
}

function targetOf(destination: string, { to, version }: ConvertCommandOptions): "v1" | "v2" | WritableFormat {
  if (to !== undefined && version !== undefined) throw new UsageError("Give either --to or --version, not both");
  const target = to ?? version ?? interchangeFormat(destination) ?? "v2";
  if (target !== "keras") return target;
  throw new UsageError(`${destination}: files of Keras are only read; choose another ending, or a format with --to`);
}

/** Opens the source for as long as it is used: a file of another format by its ending, or a checkpoint. */
async function withSource<T>(path: string, context: Context, use: (source: TensorSource) => Promise<T>): Promise<T> {
  const { storage, signal } = context;
  const format = interchangeFormat(path);
  const isCheckpoint = format === undefined || (await storage.stat(indexFilename(path))) !== undefined;
  const source = isCheckpoint
    ? await openCheckpoint(await find(path, context), { storage, signal })
    : await finding(() => openFile(format, path, { storage, signal }));
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}

/** Gives the tensors other names, if that is wanted. */
async function renamed(source: TensorSource, { map }: ConvertCommandOptions, context: Context) {
  if (map === undefined) return source;
  const names = await readNameMap(map, context);
  try {
    return await finding(() => mapTensors(source, names, { signal: context.signal }));
  } catch (error) {
    const isUsage = isCheckpointError(error) && (error.kind === "ValueError" || error.kind === "UnimplementedError");
    throw isUsage ? new UsageError(`--map: ${error.message}`, { cause: error }) : error;
  }
}

async function write(
  source: TensorSource,
  destination: string,
  target: "v1" | "v2" | WritableFormat,
  options: ConvertCommandOptions,
  context: Context,
): Promise<Report> {
  const { force, dryRun, cast, dropUnsupported } = options;
  const { storage, signal, onWarning } = context;
  try {
    return await withProgress("convert", context, async ({ update }) => {
      const common = {
        storage,
        signal,
        force,
        dryRun,
        shards: options.shards ? Number(options.shards) : undefined,
        onProgress: update,
      };
      if (target === "v1" || target === "v2") {
        const format = target === "v1" ? "V1" : "V2";
        const { prefix, tensors, shards } = await convertCheckpoint(source, destination, {
          ...common,
          format,
          onWarning,
        });
        return { path: prefix, format, tensors, shards, cast: [], dropped: [] };
      }
      const made = await writeFile(target, source, destination, { ...common, cast, dropUnsupported });
      const { files, ...rest } = made;
      return { path: files.at(-1) as string, format: target, shards: Math.max(1, files.length - 1), ...rest };
    });
  } catch (error) {
    throw asUsage(error, destination, ["ValueError", "UnimplementedError"]);
  }
}

async function print(report: Report, { dryRun }: ConvertCommandOptions, { stdout }: Context): Promise<void> {
  const { path, format, tensors, shards, cast, dropped } = report;
  const what = `${formatCount(tensors, "tensor")} in ${formatCount(shards, "shard")}, ${format}`;
  await stdout.line(`${dryRun ? "would write " : ""}${printable(path)}: ${what}`);
  for (const { name, from, to } of cast) await stdout.line(`cast ${printable(name)} from ${from} to ${to}`);
  for (const name of dropped) await stdout.line(`left out ${printable(name)}`);
}
