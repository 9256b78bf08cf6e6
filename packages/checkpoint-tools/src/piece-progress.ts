import { isNumeric, type OperationOptions, type Tensor, tensorBytes, throwIfAborted } from "@tfsaver/core";

/** Reports the progress of tensors that are read in pieces. */
export class PieceProgress {
  /** Options for each step: the signal, but not the listener, which wants the progress of the whole. */
  readonly options: OperationOptions;
  readonly #total: number;
  #done = 0;

  /** @param all - the tensors, each with its size in bytes */
  constructor(
    all: readonly { readonly size: number }[],
    private readonly outer: OperationOptions,
  ) {
    this.options = { signal: outer.signal };
    this.#total = all.reduce((sum, { size }) => sum + size, 0);
  }

  /** Yields the pieces of a tensor, and reports each once it was used. Throws `CancelledError` if the signal is aborted. */
  async *of(name: string, { size }: { readonly size: number }, pieces: AsyncIterable<Tensor>): AsyncGenerator<Tensor> {
    let left = size;
    let isReported = false;
    for await (const piece of pieces) {
      yield piece;
      const bytes = isNumeric(piece.dtype) ? Math.min(left, tensorBytes(piece).length) : size;
      left -= bytes;
      this.add(name, bytes);
      isReported = true;
    }
    if (!isReported || left > 0) this.add(name, left);
  }

  /** Reports that some bytes of a tensor are done. Throws `CancelledError` if the signal is aborted. */
  add(tensor: string, bytes: number): void {
    throwIfAborted(this.options.signal);
    this.#done += bytes;
    this.outer.onProgress?.({ done: this.#done, total: this.#total, tensor });
  }
}
