import { PieceMemory, type TensorSource } from "@tfsaver/checkpoint-reader";
import type { DType, OperationOptions, Tensor } from "@tfsaver/core";
import { isNumeric, tensorBytes, throwIfAborted } from "@tfsaver/core";
import type { Storage } from "@tfsaver/storage";
import { castTensor } from "./cast-tensor.js";
import type { ExportPlan, PlannedTensor, UnsupportedOptions } from "./plan-export.js";

/** Options of writing tensors in another format. */
export interface ExportOptions extends UnsupportedOptions, OperationOptions {
  /** Storage to write to. Default: the local file system under Node.js. */
  readonly storage?: Storage | undefined;
  /** Replaces files that exist. Default: false, an error. */
  readonly force?: boolean | undefined;
  /** Plans and checks everything, and writes nothing. Default: false. */
  readonly dryRun?: boolean | undefined;
}

/** The result of writing tensors in another format. */
export interface Exported {
  /** The files, the one to open last. */
  readonly files: readonly string[];
  /** Number of tensors. */
  readonly tensors: number;
  /** The tensors that were cast. */
  readonly cast: readonly CastReport[];
  /** Names of the tensors that were left out. */
  readonly dropped: readonly string[];
}

/** A tensor that was cast, and its dtypes before and after. */
export interface CastReport {
  readonly name: string;
  readonly from: DType;
  readonly to: DType;
}

/** Reports what a plan writes. */
export function exported(files: readonly string[], { tensors, dropped }: ExportPlan): Exported {
  const cast = tensors
    .filter(({ info, dtype }) => info.dtype !== dtype)
    .map(({ info, dtype }) => ({ name: info.name, from: info.dtype, to: dtype }));
  return { files, tensors: tensors.length, cast, dropped };
}

/** Reads the tensors of a plan in pieces, cast as planned, and reports the progress of all. */
export class PlannedPieces {
  readonly #memory = new PieceMemory();
  readonly #total: number;
  #done = 0;

  constructor(
    private readonly source: TensorSource,
    { tensors }: ExportPlan,
    private readonly options: OperationOptions,
  ) {
    this.#total = tensors.reduce((sum, { info }) => sum + info.size, 0);
  }

  /** Takes back the bytes of a piece that nothing uses any more. */
  release(bytes: Uint8Array): void {
    this.#memory.release(bytes);
  }

  /** Yields the pieces of a tensor. Throws `CancelledError` if the signal is aborted. */
  async *of({ info, dtype }: PlannedTensor): AsyncGenerator<Tensor> {
    const { signal, onProgress } = this.options;
    const { name } = info;
    const { allocate } = this.#memory;
    for await (const piece of this.source.stream(name, { signal, allocate })) {
      throwIfAborted(signal);
      const bytes = isNumeric(piece.dtype) ? tensorBytes(piece).length : info.size;
      yield piece.dtype === dtype ? piece : castTensor(piece, dtype, name);
      this.#done += bytes;
      onProgress?.({ done: Math.min(this.#done, this.#total), total: this.#total, tensor: name });
    }
  }
}
