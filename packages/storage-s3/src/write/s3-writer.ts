import type { CompletedPart } from "@aws-sdk/client-s3";
import { FailedPreconditionError } from "@tfsaver/core";
import type { PreparedFile, WritableFile } from "@tfsaver/storage";
import { headOfWrite, newMark } from "../requests/head.js";
import type { Slots } from "../requests/slots.js";
import type { Target } from "../requests/target.js";
import { PartSender } from "./part-sender.js";
import { alreadyExists, putObject } from "./put-object.js";
import { Upload } from "./upload.js";

/** Bytes of memory that a new file begins with. */
const FIRST_MEMORY = 64 << 10;

/** Options of {@link S3Writer}. */
export interface WriterOptions {
  /** Bytes of each part but the last. */
  readonly partSize: number;
  /** True if the object must not exist when it appears. */
  readonly exclusive: boolean;
  /** Slots for parts on their way. */
  readonly slots: Slots;
}

/**
 * A new object. One of at most `partSize` bytes is sent when it is closed, with one request; a larger one in parts while it is
 * written.
 */
export class S3Writer implements WritableFile {
  readonly path: string;
  #memory: Uint8Array<ArrayBuffer> = new Uint8Array();
  /** Bytes of the memory that are in use. */
  #length = 0;
  #upload: { readonly upload: Upload; readonly sender: PartSender; readonly mark: string } | undefined;
  #prepared: readonly CompletedPart[] | undefined;
  #isOpen = true;

  constructor(
    private readonly target: Target,
    private readonly options: WriterOptions,
  ) {
    this.path = target.path;
  }

  async write(chunks: readonly Uint8Array[]): Promise<void> {
    this.#requireOpen();
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length; ) {
        if (this.#length === this.options.partSize) await this.#sendPart();
        at += this.#append(chunk.subarray(at));
      }
    }
  }

  async sync(): Promise<void> {}

  async prepare(): Promise<PreparedFile> {
    this.#requireOpen();
    const { upload, mark } = await this.#sendRest();
    return { ticket: upload.id, mark };
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.#prepared !== undefined) return this.#complete(this.#prepared);
    try {
      if (this.#upload === undefined) await this.#put();
      else await this.#complete((await this.#sendRest()).parts);
    } catch (error) {
      // Best effort: the original error is reported.
      await this.#drop().catch(() => undefined);
      throw error;
    }
  }

  async abandon(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#drop();
  }

  /** Copies as many bytes as fit in the memory of one part. */
  #append(bytes: Uint8Array): number {
    const { partSize } = this.options;
    const wanted = Math.min(this.#length + bytes.length, partSize);
    if (wanted > this.#memory.length) {
      // Small files take little memory, and large ones are not copied often.
      const grown = new Uint8Array(Math.min(Math.max(wanted, 2 * this.#memory.length, FIRST_MEMORY), partSize));
      grown.set(this.#memory.subarray(0, this.#length));
      this.#memory = grown;
    }
    const taken = wanted - this.#length;
    this.#memory.set(bytes.subarray(0, taken), this.#length);
    this.#length = wanted;
    return taken;
  }

  async #sendPart(): Promise<void> {
    const { sender } = await this.#startUpload();
    await sender.send(this.#memory, this.#length);
    this.#memory = sender.takeMemory() ?? new Uint8Array(this.options.partSize);
    this.#length = 0;
  }

  /** Sends what is left. An object has a part at least, which may be empty. */
  async #sendRest() {
    const isFirst = this.#upload === undefined;
    const { upload, sender, mark } = await this.#startUpload();
    if (this.#length > 0 || isFirst) await sender.send(this.#memory, this.#length);
    this.#memory = new Uint8Array();
    this.#length = 0;
    const parts = await sender.finish();
    this.#prepared = parts;
    return { upload, parts, mark };
  }

  async #startUpload() {
    if (this.#upload === undefined) {
      const mark = newMark();
      const upload = await Upload.start(this.target, mark);
      this.#upload = { upload, sender: new PartSender(upload, this.options.slots), mark };
    }
    return this.#upload;
  }

  async #put(): Promise<void> {
    const bytes = this.#memory.subarray(0, this.#length);
    await putObject(this.target, bytes, { exclusive: this.options.exclusive }, true);
  }

  async #complete(parts: readonly CompletedPart[]): Promise<void> {
    const { upload, mark } = await this.#startUpload();
    await upload.complete(parts, this.options.exclusive, async (failure, mayBeDone) => {
      if (!failure.isUnmet && !failure.isMissing) return false;
      if (mayBeDone && (await headOfWrite(this.target, mark)) !== undefined) return true;
      if (failure.isUnmet) throw alreadyExists(this.path);
      return false;
    });
  }

  async #drop(): Promise<void> {
    this.#memory = new Uint8Array();
    if (this.#upload === undefined) return;
    await this.#upload.sender.stop();
    await this.#upload.upload.abort();
  }

  #requireOpen(): void {
    if (this.#isOpen && this.#prepared === undefined) return;
    throw new FailedPreconditionError(`${this.path} is prepared or closed: nothing more can be written`, {
      path: this.path,
    });
  }
}
