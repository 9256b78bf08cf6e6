import { indexFilename } from "@tfsaver/checkpoint-names";
import { identifyFile, openCheckpoint, type TensorSource } from "@tfsaver/checkpoint-reader";
import { convertCheckpoint, formatCount } from "@tfsaver/checkpoint-tools";
import { isCheckpointError } from "@tfsaver/core";
import { type InterchangeFormat, interchangeFormat, mapTensors } from "@tfsaver/interchange";
import { joinPath } from "@tfsaver/storage";
import type { Context } from "../../context.js";
import { finding, UsageError } from "../../errors.js";
import { find } from "../../find.js";
import type { JsonOption } from "../../output/json.js";
import { printable } from "../../output/printable.js";
import { withProgress } from "../../output/progress.js";
import { requireLocal, requirePlain } from "../../url-storage.js";
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
  requirePlain(source);
  requireLocal(destination);
  const target = targetOf(destination, options);
  // A model of TensorFlow.js is a folder to most people.
  const isFolder = target === "tfjs" && (await context.storage.stat(destination))?.kind === "directory";
  const path = isFolder ? joinPath(destination, "model.json") : destination;
  const report = await withSource(source, context, async (opened) =>
    write(await renamed(opened, options, context), path, target, options, context),
  );
  if (options.json) return context.stdout.json({ ...report, dryRun: options.dryRun ?? false });
  await print(report, options, context);
}

/** Endings of other programs' files, and of misspelled ones, which hardly anyone gives to a checkpoint. */
const FOREIGN = /\.(?:bin|gguf|gz|json|msgpack|npy|onnx|pb|pickle|pkl|pth?|safe-?tensors?|tar|tflite|tgz|zip)$/i;

function targetOf(destination: string, { to, version }: ConvertCommandOptions): "v1" | "v2" | WritableFormat {
  if (to !== undefined && version !== undefined) throw new UsageError("Give either --to or --version, not both");
  const target = to ?? version ?? interchangeFormat(destination) ?? "v2";
  const [ending] = (to === undefined && version === undefined && target === "v2" && FOREIGN.exec(destination)) || [];
  if (ending !== undefined) {
    const known = "the endings are .safetensors, .npz and model.json";
    throw new UsageError(`${destination}: no format has the ending ${ending}; ${known}, or give the format with --to`);
  }
  if (target !== "keras") return target;
  throw new UsageError(`${destination}: files of Keras are only read; choose another ending, or a format with --to`);
}

/** Formats by what the first bytes of a file are. JSON is a manifest of TensorFlow.js: indexes are known by their endings. */
const FORMATS: Partial<Record<string, InterchangeFormat>> = {
  ...{ safetensors: "safetensors", npz: "npz", keras: "keras", hdf5: "keras", tfjs: "tfjs", json: "tfjs" },
};

/** Returns the format of a source, by its ending or its first bytes; undefined for a checkpoint. */
async function formatOf(path: string, { storage }: Context): Promise<InterchangeFormat | undefined> {
  if ((await storage.stat(indexFilename(path))) !== undefined) return undefined;
  const format = interchangeFormat(path);
  if (format !== undefined || (await storage.stat(path))?.kind !== "file") return format;
  return FORMATS[(await identifyFile(path, storage))?.kind ?? ""];
}

/** Opens the source for as long as it is used: a file of another format, or a checkpoint. */
async function withSource<T>(path: string, context: Context, use: (source: TensorSource) => Promise<T>): Promise<T> {
  const { storage, signal } = context;
  const format = await formatOf(path, context);
  const source =
    format === undefined
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
    throw asUsage(error, destination, ["ValueError", "UnimplementedError", "InvalidArgumentError"]);
  }
}

async function print(report: Report, { dryRun }: ConvertCommandOptions, { stdout }: Context): Promise<void> {
  const { path, format, tensors, shards, cast, dropped } = report;
  const what = `${formatCount(tensors, "tensor")} in ${formatCount(shards, "shard")}, ${format}`;
  await stdout.line(`${dryRun ? "would write " : ""}${printable(path)}: ${what}`);
  for (const { name, from, to } of cast) await stdout.line(`cast ${printable(name)} from ${from} to ${to}`);
  for (const name of dropped) await stdout.line(`left out ${printable(name)}`);
}
