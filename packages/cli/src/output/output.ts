import { escapeUnsafe } from "@tfsaver/checkpoint-tools/printing";
import { throwIfAborted } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";

/** The part of Node's `Writable` that is used: a stream for text and bytes. */
export interface Sink {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(chunk: string | Uint8Array, callback: (error?: Error | null) => void): boolean;
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** The streams and the storage of a command. */
export interface Io {
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Storage of the checkpoints. Default: the local file system. */
  readonly storage?: Storage | undefined;
  /** Stops the command, which cleans up. Default: never. */
  readonly signal?: AbortSignal | undefined;
}

/** The reader of the output has stopped reading, as `head` does. Ends the command without an error. */
export class BrokenPipe extends Error {}

/** Time in milliseconds after which a write lets the event loop turn, or signals would not be noticed. */
const TURN_MS = 50;

/** Writes to an output stream with back pressure: a write is done once the stream has taken it. */
export class Output {
  #error: Error | undefined;
  #lastTurn = performance.now();

  /** @param signal - ends writes, also while the stream takes nothing. Default: none */
  constructor(
    private readonly sink: Sink,
    private readonly signal?: AbortSignal,
  ) {
    // A stream may fail at any time, and an unhandled error would end the process.
    sink.on("error", this.#onError);
  }

  get isTerminal(): boolean {
    return this.sink.isTTY ?? false;
  }

  get columns(): number | undefined {
    return this.sink.columns;
  }

  /**
   * Writes bytes, or text that holds no names from files, or only escaped ones.
   *
   * @throws BrokenPipe if the reader has stopped reading; `CancelledError` after an interrupt.
   */
  async write(chunk: string | Uint8Array): Promise<void> {
    if (this.#error === undefined && chunk.length > 0) {
      await this.#send(chunk);
      // Files and terminals take what is written at once, and the next write follows without a turn of the event loop.
      if (performance.now() - this.#lastTurn > TURN_MS) await this.#turn();
      throwIfAborted(this.signal);
    }
    if (this.#error === undefined) return;
    throw (this.#error as NodeJS.ErrnoException).code === "EPIPE" ? new BrokenPipe() : this.#error;
  }

  #send(chunk: string | Uint8Array): Promise<void> {
    const { signal } = this;
    return new Promise((resolve) => {
      signal?.addEventListener("abort", done);
      this.sink.write(chunk, (error) => {
        if (error) this.#error ??= error;
        done();
      });
      function done() {
        signal?.removeEventListener("abort", done);
        resolve();
      }
    });
  }

  async #turn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#lastTurn = performance.now();
  }

  /**
   * Writes one line. Characters that a terminal would act on, or that hide or reorder others, are escaped: `\u009b`.
   *
   * @param style - adds escape sequences of our own. Default: none
   */
  async line(text: string, style = (line: string) => line): Promise<void> {
    await this.write(`${style(escapeUnsafe(text).replaceAll("\n", "\\n"))}\n`);
  }

  /** Writes a value as JSON, in several lines, with the same characters escaped. */
  async json(value: unknown): Promise<void> {
    await this.write(`${jsonText(value, 2)}\n`);
  }

  readonly #onError = (error: Error) => {
    this.#error ??= error;
  };
}

/**
 * Formats a value as JSON without characters that a terminal would act on. Numbers that JSON can't express are text: NaN,
 * infinities, and integers beyond ±(2^53 - 1).
 */
export function jsonText(value: unknown, indent?: number): string {
  return escapeUnsafe(JSON.stringify(value, expressible, indent));
}

function expressible(_: string, value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "bigint") return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}
