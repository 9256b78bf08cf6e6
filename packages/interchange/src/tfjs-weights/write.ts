import type { TensorSource } from "@tfsaver/checkpoint-reader";
import { byteLength, type DType, isNumeric, tensorBytes, tensorStrings, ValueError } from "@tfsaver/core";
import { concatBytes } from "@tfsaver/core/coding";
import { basename, dirname, joinPath, type WritableFile } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";
import { type Exported, type ExportOptions, exported, PlannedPieces } from "../output/export-options.js";
import { OutputFiles, requireWritable } from "../output/output-files.js";
import { type ExportPlan, type FormatRules, type PlannedTensor, planExport } from "../output/plan-export.js";
import { metadataOf, pathsOf } from "../source/described-source.js";
import { TFJS_DTYPES } from "./manifest.js";

/** Options of {@link writeTfjsWeights}. */
export interface WriteTfjsWeightsOptions extends ExportOptions {
  /** Number of files of weights, all of about the same size. Default: as many as take 4 MiB each, for caches of browsers. */
  readonly shards?: number | undefined;
}

/** Bytes of a file of weights (4 MiB), as TensorFlow.js' own converter writes them. */
const SHARD_BYTES = 4 << 20;

const RULES: FormatRules = { format: "TensorFlow.js", holds: ({ dtype }) => TFJS_DTYPES.has(dtype), castTo };

/**
 * Writes tensors as weights of TensorFlow.js: a `model.json` without a topology, and files of weights beside it, named
 * `group1-shard1of3.bin`, or for `other.json` `other-group1-shard1of3.bin`. `tf.io.loadWeights` reads them by the `weightsManifest` in it. The `model.json` is written last.
 *
 * The object graph of an object-based checkpoint and its counter of saves are in the `userDefinedMetadata`.
 *
 * @param source - an open checkpoint, or a file of another format
 * @param path - of the `model.json`
 * @throws `UnimplementedError` that lists the tensors which TensorFlow.js can't hold: all but `float32`, `int32`, `bool`,
 * `complex64` and `string`; `ValueError` if `shards` is not a positive integer, a file exists, or an integer to be cast is out of
 * range; `InvalidArgumentError` if a file is the source; the errors of reading and of the storage.
 *
 * @example
 * ```ts
 * import { openCheckpoint } from "@tfsaver/checkpoint-reader";
 * import { writeTfjsWeights } from "@tfsaver/interchange/tfjs-weights";
 *
 * await using reader = await openCheckpoint("run/model.ckpt-7");
 * const { cast } = await writeTfjsWeights(reader, "web/model.json", { cast: true });
 * console.log(cast); // [ { name: "global_step", from: "int64", to: "int32" } ]
 * ```
 */
export async function writeTfjsWeights(
  source: TensorSource,
  path: string,
  options: WriteTfjsWeightsOptions = {},
): Promise<Exported> {
  const { storage = defaultStorage(), shards, force, dryRun } = options;
  if (shards !== undefined && (!Number.isInteger(shards) || shards < 1)) {
    throw new ValueError(`shards must be a positive integer, not ${shards}`);
  }
  const plan = await planExport(source, RULES, options);
  const total = await totalBytes(source, plan, options);
  const shardBytes = shards === undefined ? SHARD_BYTES : Math.max(1, Math.ceil(total / shards));
  const names = shardNames(path, Math.ceil(total / shardBytes));
  const paths = [...names.map((name) => joinPath(dirname(path), name)), path];
  const sources = pathsOf(source);
  await requireWritable(paths, storage, { force, sources });
  const report = exported(paths, plan);
  if (dryRun) return report;
  const output = new OutputFiles(storage, force);
  try {
    const files = new ShardWriter(output, paths, shardBytes, total);
    const pieces = new PlannedPieces(source, plan, options);
    for (const tensor of plan.tensors) {
      for await (const piece of pieces.of(tensor)) {
        if (isNumeric(piece.dtype)) await files.write(tensorBytes(piece));
        else for (const text of tensorStrings(piece)) await files.writeString(text);
      }
    }
    await files.end();
    await (await output.create(path)).write([printModel(names, source, plan)]);
    await output.commit();
  } catch (error) {
    await output.discard();
    throw error;
  }
  return report;
}

function castTo(dtype: DType): DType | undefined {
  if (/^(?:bfloat16|float\d+)/.test(dtype)) return "float32";
  return /^q?u?int/.test(dtype) ? "int32" : undefined;
}

async function totalBytes(source: TensorSource, plan: ExportPlan, { signal }: ExportOptions): Promise<number> {
  let total = 0;
  for (const { info, dtype } of plan.tensors) {
    if (isNumeric(dtype)) total += byteLength(dtype, info.shape);
    else {
      const strings = tensorStrings(await source.get(info.name, undefined, { signal }));
      for (const { length } of strings) total += LENGTH_BYTES + length;
    }
  }
  return total;
}

/** The name that TensorFlow.js' own converter gives to models. */
const MODEL_FILENAME = "model.json";

/** Names the files of weights. Those of models with names of their own may lie in one folder. */
function shardNames(path: string, count: number): string[] {
  const name = basename(path);
  const start = name === MODEL_FILENAME ? "" : `${name.replace(/\.json$/, "")}-`;
  return Array.from({ length: count }, (_, i) => `${start}group1-shard${i + 1}of${count}.bin`);
}

function printModel(paths: readonly string[], source: TensorSource, plan: ExportPlan): Uint8Array {
  const metadata = { ...metadataOf(source), ...plan.metadata };
  const model = {
    generatedBy: "tfsaver",
    weightsManifest: [{ paths, weights: plan.tensors.map(weightOf) }],
    ...(Object.keys(metadata).length > 0 && { userDefinedMetadata: metadata }),
  };
  return new TextEncoder().encode(`${JSON.stringify(model)}\n`);
}

function weightOf({ info: { name, shape }, dtype }: PlannedTensor) {
  return { name, shape, dtype };
}

/** Bytes in front of a string: its length. */
const LENGTH_BYTES = 4;
/** Bytes of small writes that are put together (64 KiB). */
const BUFFER_BYTES = 64 << 10;

/** Writes bytes into one file after another, each of the same length. */
class ShardWriter {
  #file: WritableFile | undefined;
  #shard = 0;
  #left = 0;
  readonly #buffer: Uint8Array[] = [];
  #buffered = 0;

  constructor(
    private readonly output: OutputFiles,
    private readonly paths: readonly string[],
    private readonly shardBytes: number,
    /** Bytes of all files that are not created yet. */
    private rest: number,
  ) {}

  async write(bytes: Uint8Array): Promise<void> {
    await this.#flush();
    for (let at = 0; at < bytes.length; ) {
      if (this.#file === undefined || this.#left === 0) {
        await this.output.seal();
        this.#left = this.shardBytes;
        this.#file = await this.output.create(this.paths[this.#shard++] as string, Math.min(this.#left, this.rest));
        this.rest -= this.shardBytes;
      }
      const part = bytes.subarray(at, at + this.#left);
      await this.#file.write([part]);
      at += part.length;
      this.#left -= part.length;
    }
  }

  async writeString(text: Uint8Array): Promise<void> {
    const length = new Uint8Array(LENGTH_BYTES);
    new DataView(length.buffer).setUint32(0, text.length, true);
    this.#buffer.push(length, text);
    this.#buffered += LENGTH_BYTES + text.length;
    if (this.#buffered >= BUFFER_BYTES) await this.#flush();
  }

  async end(): Promise<void> {
    await this.#flush();
    await this.output.seal();
  }

  async #flush(): Promise<void> {
    if (this.#buffered === 0) return;
    const bytes = concatBytes(this.#buffer.splice(0));
    this.#buffered = 0;
    await this.write(bytes);
  }
}
