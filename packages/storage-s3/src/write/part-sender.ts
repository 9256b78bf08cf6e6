import type { CompletedPart } from "@aws-sdk/client-s3";
import type { Slots } from "../requests/slots.js";
import type { Upload } from "./upload.js";

/** Sends the parts of one upload side by side, and gives back the memory of those that are sent. */
export class PartSender {
  readonly #sending = new Set<Promise<void>>();
  readonly #sent: CompletedPart[] = [];
  readonly #stop = new AbortController();
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  #error: unknown;

  constructor(
    private readonly upload: Upload,
    private readonly slots: Slots,
  ) {}

  /**
   * Sends a part when there is a slot, and resolves when it is on its way.
   *
   * @param length - bytes of `memory` to send; the rest is unused
   * @throws the error of an earlier part.
   */
  async send(memory: Uint8Array<ArrayBuffer>, length: number): Promise<void> {
    await this.slots.take();
    if (this.#error !== undefined) {
      this.slots.release();
      throw this.#error;
    }
    const sending = this.upload
      .send(memory.subarray(0, length), this.#stop.signal)
      .then(
        (part) => {
          this.#sent.push(part);
          this.#free.push(memory);
        },
        (error: unknown) => {
          this.#error ??= error;
          this.#stop.abort();
        },
      )
      .finally(() => {
        this.slots.release();
        this.#sending.delete(sending);
      });
    this.#sending.add(sending);
  }

  /** Takes the memory of a part that was sent; undefined if there is none. */
  takeMemory(): Uint8Array<ArrayBuffer> | undefined {
    return this.#free.pop();
  }

  /** Waits until all parts are sent, and returns them. */
  async finish(): Promise<readonly CompletedPart[]> {
    await Promise.all(this.#sending);
    if (this.#error !== undefined) throw this.#error;
    return this.#sent;
  }

  /** Gives up the parts on their way, and waits until nothing is. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#sending);
  }
}
