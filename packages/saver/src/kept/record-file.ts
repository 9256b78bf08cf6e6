import { isCheckpointError, type WarningListener } from "@tfsaver/core";
import type { CheckpointRecord } from "@tfsaver/retention";
import { basename, dirname, joinPath, readFile, type Storage, writeFileAtomically } from "@tfsaver/storage";

/** What is known of a checkpoint apart from where it lies. */
type Known = Pick<CheckpointRecord, "time" | "step" | "metrics">;

/** JSON has no word for these. */
const SPECIAL: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

/** @throws `TypeError` if what a save was told it measured are no numbers, which could not be read back. */
export function requireMetrics(metrics: Readonly<Record<string, number>> | undefined): void {
  for (const [name, value] of Object.entries(metrics ?? {})) {
    if (typeof value !== "number") throw new TypeError(`The metric '${name}' must be a number, not ${String(value)}`);
  }
}

/**
 * The file beside the state file in which steps and metrics outlive a restart: TensorFlow's has no place for them. It is
 * written before the state file, with all that the old one and the new one name, so that whichever of them a crash leaves
 * is known of.
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
    this.#path = joinPath(directory, `${latestFilename}.records.json`);
  }

  /** Replaces the file in one step, with those of the checkpoints that lie in the directory. */
  async write(records: readonly CheckpointRecord[]): Promise<void> {
    const own = records.filter(({ path }) => dirname(path) === this.#directory);
    const checkpoints = own.map(({ path, time, step, metrics }) => ({ name: basename(path), time, step, metrics }));
    const text = JSON.stringify({ checkpoints }, (_, value) =>
      typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
    );
    await writeFileAtomically(this.storage, this.#path, new TextEncoder().encode(`${text}\n`));
  }

  /** What was written, by the last part of the checkpoints' paths. Nothing, with a warning, if it can't be understood. */
  async read(onWarning: WarningListener): Promise<ReadonlyMap<string, Known>> {
    if ((await this.storage.stat(this.#path)) === undefined) return new Map();
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(this.storage, this.#path));
      return new Map((JSON.parse(text).checkpoints as unknown[]).map(known));
    } catch (error) {
      if (!isCheckpointError(error) && !(error instanceof SyntaxError) && !(error instanceof TypeError)) throw error;
      onWarning(`${this.#path} is ignored, and with it the steps and metrics of checkpoints: ${error.message}`);
      return new Map();
    }
  }
}

function known(entry: unknown): [string, Known] {
  const { name, time, step, metrics } = entry as Record<string, unknown>;
  if (typeof name !== "string") throw new TypeError("a checkpoint has no name");
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
