import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { preparePython } from "../python.js";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));

/** Report of a side about a task. */
export interface Measured {
  /** Duration, measured by the side itself. */
  readonly seconds: number;
  /** Peak of the resident memory above that at the start, in bytes. */
  readonly extraBytes: number;
}

interface Answer {
  readonly result?: unknown;
  readonly error?: string;
}

/** One of the compared programs: a process that answers requests, each a line of JSON. */
export class Side {
  readonly #process: ChildProcess;
  readonly #waiting: ((answer: Answer) => void)[] = [];
  /** Set when the process has ended. */
  #end: Answer | undefined;

  constructor(command: string, args: readonly string[]) {
    const environment = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3", CUDA_VISIBLE_DEVICES: "" };
    this.#process = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], env: environment });
    if (this.#process.stdout === null) throw new Error(`${command} has no output`);
    createInterface(this.#process.stdout).on("line", (line) => this.#waiting.shift()?.(JSON.parse(line)));
    this.#process.on("exit", (code) => {
      this.#end = { error: `the process ended with exit code ${code}` };
      for (const answer of this.#waiting.splice(0)) answer(this.#end);
    });
  }

  async ask<T = Measured>(method: string, params: object = {}): Promise<T> {
    const answered = new Promise<Answer>((resolve) => {
      this.#waiting.push(resolve);
      this.#process.stdin?.write(`${JSON.stringify({ method, params })}\n`);
    });
    const { result, error } = this.#end ?? (await answered);
    if (error !== undefined) throw new Error(`${this.#process.spawnfile}: ${method}: ${error}`);
    return result as T;
  }

  /** Ends the process, and waits until its memory is free again. */
  async close(): Promise<void> {
    if (this.#end !== undefined) return;
    const ended = new Promise((resolve) => this.#process.on("exit", resolve));
    this.#process.stdin?.end();
    await ended;
  }
}

/** Starts this library as built, which is what users run. */
export function startTfsaver(): Side {
  return startTfsaverIn(root);
}

/** Starts this library as built in another checkout. */
export function startTfsaverIn(checkout: string): Side {
  const flags = ["--expose-gc", "--max-old-space-size=8192", "--import=tsx"];
  return new Side(process.execPath, [...flags, `${checkout}tools/bench/tfsaver/serve.ts`]);
}

/** Starts Python with TensorFlow's own saver. */
export function startPython(): Side {
  return new Side(preparePython("bench"), [`${here}python/serve.py`]);
}

/** Starts Python with a training loop beside saves of a library. */
export function startLoop(library: "tensorflow" | "orbax"): Side {
  return new Side(preparePython("bench"), [`${here}python/serve_loop.py`, library]);
}

/** Starts Python with the transfer manager of boto3. */
export function startBoto3(): Side {
  return new Side(preparePython("s3"), [`${here}python/serve_s3.py`]);
}

/** Throws if the variables of the two sides hold different values. */
export async function requireSameValues(ours: Side, theirs: Side): Promise<void> {
  const digests = await Promise.all([ours.ask<string>("digest"), theirs.ask<string>("digest")]);
  if (digests[0] !== digests[1]) throw new Error("The two sides restored different values");
}
