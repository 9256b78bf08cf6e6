import { piecesToNpy } from "@tfsaver/checkpoint-tools";
import { FailedPreconditionError, NotFoundError } from "@tfsaver/core";
import { type Handlers, transferring } from "../../rpc/index.js";
import type { OpenFiles } from "../open-files.js";

export interface NpyContract {
  /** Starts to write a tensor as a NumPy file, and returns the number of the download. */
  startNpy(request: { readonly id: number; readonly name: string }): number;
  /** Returns the next bytes of a download; undefined at its end. Throws `DataLossError` if the tensor is damaged. */
  nextNpy(request: { readonly download: number }): Uint8Array | undefined;
  /** Stops a download. */
  stopNpy(request: { readonly download: number }): void;
}

export function npyHandlers(files: OpenFiles): Handlers<NpyContract> {
  const downloads = new Map<number, { readonly chunks: AsyncGenerator<Uint8Array>; readonly stop: AbortController }>();
  let last = 0;
  return {
    startNpy: async ({ id, name }) => {
      const { tensors, infos } = files.get(id);
      const info = infos.get(name);
      if (info === undefined) throw new NotFoundError(`There is no tensor ${name}`, { tensor: name });
      const stop = new AbortController();
      const chunks = piecesToNpy(info, tensors.stream(name, { signal: stop.signal }));
      downloads.set(++last, { chunks, stop });
      return last;
    },
    nextNpy: async ({ download }) => {
      const running = downloads.get(download);
      if (running === undefined) throw new FailedPreconditionError(`Download ${download} was stopped`);
      const { done, value } = await running.chunks.next();
      if (done) {
        downloads.delete(download);
        return undefined;
      }
      // A piece of small memory of its own is handed over; a view of something larger is copied.
      const bytes = value.byteLength === value.buffer.byteLength ? value : value.slice();
      return transferring<Uint8Array | undefined>(bytes, [bytes.buffer]);
    },
    stopNpy: async ({ download }) => {
      downloads.get(download)?.stop.abort();
      downloads.delete(download);
    },
  };
}
