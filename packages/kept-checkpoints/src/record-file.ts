import { recordsFilename, replacementFilename, STATE_FILENAME } from "@tfsaver/checkpoint-names";
import { isCheckpointError, type WarningListener, warnOnConsole } from "@tfsaver/core";
import type { CheckpointRecord } from "@tfsaver/retention";
import { basename, dirname, getFile, joinPath, type Storage, writeFileAtomically } from "@tfsaver/storage";
import { defaultStorage } from "@tfsaver/storage/default";

/** What the file holds about a checkpoint: its time in seconds since 1970, its step, and its metrics by name. */
export type CheckpointNote = Pick<CheckpointRecord, "time" | "step" | "metrics">;

/** Limit of the file in bytes. */
const MAX_BYTES = 16 << 20;

/** Depth of the file's objects and arrays. */
const MAX_DEPTH = 4;

/**
 * Rejects JSON that is nested deeper than the file is: parsing it would take a hundred times its size in memory.
 *
 * @throws `TypeError`
 */
function requireFlat(text: string): void {
  let depth = 0;
  let isText = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === "\\" && isText) i++;
    else if (char === '"') isText = !isText;
    else if (isText) continue;
    else if (char === "{" || char === "[") {
      if (++depth > MAX_DEPTH) throw new TypeError(`it is nested deeper than ${MAX_DEPTH} levels`);
    } else if (char === "}" || char === "]") depth--;
  }
}

/** Numbers that JSON can't express. */
const SPECIAL: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

/** @throws `TypeError` if a metric is not a number: it could not be read back. */
export function requireMetrics(metrics: Readonly<Record<string, number>> | undefined): void {
  for (const [name, value] of Object.entries(metrics ?? {})) {
    if (typeof value !== "number") throw new TypeError(`The metric '${name}' must be a number, not ${String(value)}`);
  }
}

/**
 * The file beside the state file that keeps steps and metrics for a restart: TensorFlow's state file has no place for them.
 * It is written before the state file, with the checkpoints of both the old and the new one, so that it fits whichever of
 * them a crash leaves.
 */
export class RecordFile {
  readonly #directory: string;
  readonly #path: string;

  constructor(
    directory: string,
    latestFilename: string,
    private readonly storage: Storage,
  ) {
    this.#directory = directory;
    this.#path = joinPath(directory, recordsFilename(latestFilename));
  }

  /** Replaces the file in one step. Leaves out checkpoints that lie in another directory. */
  async write(records: readonly CheckpointRecord[]): Promise<void> {
    const own = records.filter(({ path }) => dirname(path) === this.#directory);
    const checkpoints = own.map(({ path, time, step, metrics }) => ({ name: basename(path), time, step, metrics }));
    const text = JSON.stringify({ checkpoints }, (_, value) =>
      typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
    );
    const bytes = new TextEncoder().encode(`${text}\n`);
    await writeFileAtomically(this.storage, this.#path, bytes, replacementFilename(this.#path));
  }

  /** Reads the file: records by the last part of the checkpoint's path. Empty, with a warning, if it can't be parsed. */
  async read(onWarning: WarningListener): Promise<ReadonlyMap<string, CheckpointNote>> {
    try {
      const found = await getFile(this.storage, this.#path, { maxBytes: MAX_BYTES });
      if (found === undefined) return new Map();
      const text = new TextDecoder("utf-8", { fatal: true }).decode(found.bytes);
      requireFlat(text);
      return new Map((JSON.parse(text).checkpoints as unknown[]).map(known));
    } catch (error) {
      const isOfContent = error instanceof SyntaxError || error instanceof TypeError;
      if (!isOfContent && !isCheckpointError(error, "ResourceExhaustedError")) throw error;
      const { message } = error as Error;
      onWarning(`${this.#path} is ignored, so the steps and metrics of checkpoints are unknown: ${message}`);
      return new Map();
    }
  }
}

/** Options of {@link readCheckpointRecords}. */
export interface ReadCheckpointRecordsOptions {
  /** Storage to read from. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Name of the state file. Default: `checkpoint`. */
  readonly latestFilename?: string | undefined;
  /** Called if the records can't be used. Default: `console.warn`. */
  readonly onWarning?: WarningListener | undefined;
}

/**
 * Reads what a `Saver` of this library noted about the checkpoints of a folder, beside the state file: times, steps and metrics,
 * by the last part of the checkpoint's prefix. Empty if there are no such notes and, with a warning, if they can't be used.
 *
 * @throws the storage's errors.
 *
 * @example
 * ```ts
 * import { readCheckpointRecords } from "@tfsaver/kept-checkpoints";
 *
 * for (const [name, { step, metrics }] of await readCheckpointRecords("run")) console.log(name, step, metrics);
 * ```
 */
export async function readCheckpointRecords(
  directory: string,
  options: ReadCheckpointRecordsOptions = {},
): Promise<ReadonlyMap<string, CheckpointNote>> {
  const { storage = defaultStorage(), latestFilename = STATE_FILENAME, onWarning = warnOnConsole } = options;
  return new RecordFile(directory, latestFilename, storage).read(onWarning);
}

function known(entry: unknown): [string, CheckpointNote] {
  const { name, time, step, metrics } = entry as Record<string, unknown>;
  if (typeof name !== "string") throw new TypeError("an entry has no name");
  return [
    name,
    {
      time: number(time),
      step: step === undefined ? undefined : number(step),
      metrics:
        metrics === undefined
          ? undefined
          : Object.fromEntries(Object.entries(metrics as object).map(([key, value]) => [key, number(value)])),
    },
  ];
}

function number(value: unknown): number {
  const result = typeof value === "string" && Object.hasOwn(SPECIAL, value) ? SPECIAL[value] : value;
  if (typeof result !== "number") throw new TypeError(`${JSON.stringify(value)} is not a number`);
  return result;
}
