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
}

/** The reader of the output has stopped reading, as `head` does. Ends the command without an error. */
export class BrokenPipe extends Error {}

/** Writes to an output stream with back pressure: a write is done once the stream has taken it. */
export class Output {
  #error: Error | undefined;

  constructor(private readonly sink: Sink) {
    // A stream may fail at any time, and an unhandled error would end the process.
    sink.on("error", this.#onError);
  }

  get isTerminal(): boolean {
    return this.sink.isTTY ?? false;
  }

  get columns(): number | undefined {
    return this.sink.columns;
  }

  /** @throws BrokenPipe if the reader has stopped reading. */
  async write(chunk: string | Uint8Array): Promise<void> {
    if (this.#error === undefined && chunk.length > 0) {
      await new Promise<void>((resolve) => {
        this.sink.write(chunk, (error) => {
          if (error) this.#error ??= error;
          resolve();
        });
      });
    }
    if (this.#error === undefined) return;
    throw (this.#error as NodeJS.ErrnoException).code === "EPIPE" ? new BrokenPipe() : this.#error;
  }

  async line(text: string): Promise<void> {
    await this.write(`${text}\n`);
  }

  readonly #onError = (error: Error) => {
    this.#error ??= error;
  };
}
