import type { WritableFile } from "@tfsaver/storage";
import { Gatherer } from "./gathered.js";

/** Chunks are handed to the storage together, up to this many bytes. */
const BATCH_BYTES = 8 << 20;

/**
 * Collects chunks into batches and writes one batch while the next is being collected, so that the system writes while
 * this thread computes checksums. Never more than two batches are under way.
 */
export class WriteBehind {
  #batch: Uint8Array[] = [];
  readonly #gatherer = new Gatherer((chunk) => this.#batch.push(chunk));
  #batchBytes = 0;
  #writing: Promise<void> | undefined;

  /** @param open - gives the file, and is asked only when there is something to write */
  constructor(private readonly open: () => Promise<WritableFile>) {}

  /**
   * Adds a chunk, whose memory must stay as it is until {@link WriteBehind.flush}. If there is something to wait for
   * before the next one, gives a promise, which fails if an earlier batch could not be written.
   */
  add(chunk: Uint8Array): Promise<void> | undefined {
    this.#gatherer.add(chunk);
    this.#batchBytes += chunk.length;
    return this.#batchBytes >= BATCH_BYTES ? this.#send() : undefined;
  }

  /** Waits until everything is written. */
  async flush(): Promise<void> {
    await this.#send();
    await this.#writing;
  }

  /** Waits for what is being written, whether it fails or not, and forgets the rest. */
  async abandon(): Promise<void> {
    this.#batch = [];
    await this.#writing?.catch(() => undefined);
  }

  async #send(): Promise<void> {
    this.#gatherer.flush();
    const batch = this.#batch;
    this.#batch = [];
    this.#batchBytes = 0;
    await this.#writing;
    if (batch.length === 0) return;
    this.#writing = this.#write(batch);
    // Whoever adds or flushes next is told.
    this.#writing.catch(() => undefined);
  }

  async #write(batch: readonly Uint8Array[]): Promise<void> {
    const file = await this.open();
    await file.write(batch);
  }
}
