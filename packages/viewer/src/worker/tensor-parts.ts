import { NotFoundError, type Tensor, type TensorSlice, tensorPart, unlessAborted } from "@tfsaver/core";
import type { CallOptions } from "@tfsaver/storage";
import { isReadInParts } from "../model/tensor/read-in-parts.js";
import type { OpenFile, OpenFiles } from "./open-files.js";

/** Bytes of tensors that are kept (64 MiB). The one that was read last is kept, whatever its size. */
const KEPT_BYTES = 64 << 20;

/** A part of a tensor. */
export interface TensorPart {
  readonly tensor: Tensor;
  /** True if what was read has checksums, and they were compared. */
  readonly verified: boolean;
}

/** Options of {@link TensorParts.get}. */
export interface PartOptions extends CallOptions {
  /** Reads only the part, and verifies nothing, so that damaged tensors can be looked at. Default: false. */
  readonly unverified?: boolean | undefined;
}

/** Reads parts of tensors, of which the small ones are kept. */
export class TensorParts {
  readonly #kept = new Map<string, WholeRead>();

  constructor(private readonly files: OpenFiles) {}

  /**
   * Reads a part of a tensor, into memory of its own.
   *
   * @param slice - undefined for the whole tensor, whose memory may be kept here: do not hand it over
   * @throws `NotFoundError` if there is no such tensor; what reading throws, `DataLossError` for one that is damaged.
   */
  async get(
    id: number,
    name: string,
    slice: TensorSlice | undefined,
    { signal, unverified = false }: PartOptions,
  ): Promise<TensorPart> {
    const file = this.files.get(id);
    const info = file.infos.get(name);
    if (info === undefined) throw new NotFoundError(`There is no tensor ${name}`, { tensor: name });
    const { inParts, hasChecksum } = file.form(info);
    const isPartRead = isReadInParts({ inParts, size: info.size }) || (unverified && inParts);
    if (isPartRead && slice !== undefined) {
      const tensor = await file.tensors.get(name, slice, { signal, checksums: "none" });
      return { tensor, verified: false };
    }
    const whole = await this.#whole(file, name, info.size, signal);
    return { tensor: slice === undefined ? whole : tensorPart(whole, slice), verified: hasChecksum };
  }

  async #whole(file: OpenFile, name: string, size: number, signal: AbortSignal | undefined): Promise<Tensor> {
    const key = `${file.id} ${name}`;
    const read = this.#kept.get(key) ?? new WholeRead(file, name, size);
    // The newest is last.
    this.#kept.delete(key);
    this.#kept.set(key, read);
    this.#forgetOldest();
    try {
      return await read.get(signal);
    } catch (error) {
      if (read.hasFailed && this.#kept.get(key) === read) this.#kept.delete(key);
      throw error;
    }
  }

  #forgetOldest(): void {
    let bytes = [...this.#kept.values()].reduce((sum, { size }) => sum + size, 0);
    for (const [key, { size }] of this.#kept) {
      if (bytes <= KEPT_BYTES || this.#kept.size === 1) return;
      this.#kept.delete(key);
      bytes -= size;
    }
  }
}

/** The read of a whole tensor that several callers wait for. Stops when none of them waits any more. */
class WholeRead {
  hasFailed = false;
  readonly #controller = new AbortController();
  readonly #tensor: Promise<Tensor>;
  #waiting = 0;

  constructor(
    file: OpenFile,
    name: string,
    readonly size: number,
  ) {
    this.#tensor = file.tensors.get(name, undefined, { signal: this.#controller.signal });
    this.#tensor.catch(() => {
      this.hasFailed = true;
    });
  }

  async get(signal: AbortSignal | undefined): Promise<Tensor> {
    this.#waiting++;
    let isDone = false;
    try {
      const tensor = await unlessAborted(this.#tensor, signal);
      isDone = true;
      return tensor;
    } finally {
      this.#waiting--;
      if (!isDone && this.#waiting === 0) {
        this.hasFailed = true;
        this.#controller.abort();
      }
    }
  }
}
