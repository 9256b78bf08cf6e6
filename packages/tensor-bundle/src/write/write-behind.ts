import type { WritableFile } from "@tfsaver/storage";
import { ChunkCoalescer } from "../encode/coalesce-chunks.js";

/** Bytes of the first batch (4 MiB): the sooner the system begins, the better for a small bundle. */
const FIRST_BATCH = 4 << 20;
/**
 * Bytes of the largest batches (32 MiB). Beside a busy training loop, this thread may take milliseconds to hand over the next
 * one; the larger they are, the less the system waits.
 */
const LARGEST_BATCH = 32 << 20;

/**
 * Collects chunks into batches, and writes one batch while the next is collected, so that the system writes while this thread
 * computes checksums. There are at most two batches at a time, each up to twice as large as the one before.
 */
export class WriteBehind {
  #batch: Uint8Array[] = [];
  /** What to call when the batch is written. */
  #onWritten: (() => void)[] = [];
  readonly #coalescer = new ChunkCoalescer((chunk) => this.#batch.push(chunk));
  #batchBytes = 0;
  #limit = FIRST_BATCH;
  #file: WritableFile | undefined;
  #writing: Promise<void> | undefined;

  /** @param open - opens the file; called only when there is something to write */
  constructor(private readonly open: () => Promise<WritableFile>) {}

  /**
   * Adds a chunk. Its memory must not change until {@link WriteBehind.flush}. If the result is a promise, await it before
   * adding more; it rejects if an earlier batch could not be written.
   *
   * @param largest - bytes of the largest batches; fewer where the chunks are there only to be written
   * @param onWritten - called when the chunk is written, and its memory free
   */
  add(chunk: Uint8Array, largest = LARGEST_BATCH, onWritten?: () => void): Promise<void> | undefined {
    this.#coalescer.add(chunk);
    if (onWritten !== undefined) this.#onWritten.push(onWritten);
    this.#batchBytes += chunk.length;
    return this.#batchBytes >= Math.min(this.#limit, largest) ? this.#send() : undefined;
  }

  /** Waits until everything is written. */
  async flush(): Promise<void> {
    await this.#send();
    await this.#writing;
  }

  /** Drops the chunks that were not written, and waits for the batch that is being written. Never throws. */
  async abandon(): Promise<void> {
    this.#batch = [];
    await this.#writing?.catch(() => undefined);
  }

  async #send(): Promise<void> {
    this.#coalescer.flush();
    const [batch, onWritten] = [this.#batch, this.#onWritten];
    this.#batch = [];
    this.#onWritten = [];
    this.#batchBytes = 0;
    this.#limit = Math.min(2 * this.#limit, LARGEST_BATCH);
    await this.#writing;
    if (batch.length === 0) return;
    this.#file ??= await this.open();
    // Not behind an await: the caller goes on with the next checksum, which takes long, before other promises.
    this.#writing = this.#file.write(batch);
    if (onWritten.length > 0) {
      this.#writing = this.#writing.then(() => {
        for (const call of onWritten) call();
      });
    }
    // The next add() or flush() rethrows this error.
    this.#writing.catch(() => undefined);
  }
}
