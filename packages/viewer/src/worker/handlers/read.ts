import type { PlannedRead } from "@tfsaver/checkpoint-reader";
import { isWhole, NotFoundError, type Tensor, type TensorSlice, tensorPart } from "@tfsaver/core";
import { type Handlers, transferring } from "../../rpc/index.js";
import type { OpenFiles } from "../open-files.js";

/** Tensors of up to this many bytes (16 MiB) are read whole and verified, and kept for the next slices. */
const WHOLE_BYTES = 16 << 20;
/** Bytes of tensors that are kept (64 MiB). */
const KEPT_BYTES = 64 << 20;

/** A part of a tensor. */
interface ReadPart {
  readonly tensor: Tensor;
  /** True if its checksums were compared. Parts of large tensors are not verified; `verify` does that. */
  readonly verified: boolean;
}

export interface ReadContract {
  /** Reads a part of a tensor. Small tensors are read whole, verified, and kept; of large ones only the part is read. */
  read(request: { readonly id: number; readonly name: string; readonly slice?: TensorSlice | undefined }): ReadPart;
  /** Plans the reads of tensors, or parts of them, so that their cost can be shown before. */
  plan(request: {
    readonly id: number;
    readonly requests: readonly { readonly name: string; readonly slice?: TensorSlice | undefined }[];
  }): readonly PlannedRead[];
}

export function readHandlers(files: OpenFiles): Handlers<ReadContract> {
  const kept = new KeptTensors();
  return {
    read: async ({ id, name, slice }, { signal }) => {
      const { infos, tensors } = files.get(id);
      const info = infos.get(name);
      if (info === undefined) throw new NotFoundError(`There is no tensor ${name}`, { tensor: name });
      if (info.size > WHOLE_BYTES && slice !== undefined && !isWhole(info.shape, slice)) {
        return handOver({ tensor: await tensors.get(name, slice, { signal, checksums: "none" }), verified: false });
      }
      const key = `${id} ${name}`;
      const whole = kept.get(key) ?? (await tensors.get(name, undefined, { signal }));
      if (info.size <= WHOLE_BYTES) kept.add(key, whole, info.size);
      const tensor = slice === undefined ? whole : tensorPart(whole, slice);
      // What is kept is copied by the message, and stays here.
      return { tensor, verified: true };
    },
    plan: async ({ id, requests }, { signal }) => {
      const { checkpoint, infos, prefix } = files.get(id);
      if (checkpoint !== undefined) return checkpoint.plan(requests, { signal });
      return requests.map(({ name }) => ({
        path: prefix,
        offset: 0,
        length: infos.get(name)?.size ?? 0,
        tensors: [name],
      }));
    },
  };
}

function handOver(part: ReadPart) {
  const { data } = part.tensor;
  return transferring(part, ArrayBuffer.isView(data) ? [data.buffer] : []);
}

/** The tensors that were read last. */
class KeptTensors {
  readonly #tensors = new Map<string, { readonly tensor: Tensor; readonly size: number }>();
  #bytes = 0;

  get(key: string): Tensor | undefined {
    const found = this.#tensors.get(key);
    if (found === undefined) return undefined;
    // The newest is last.
    this.#tensors.delete(key);
    this.#tensors.set(key, found);
    return found.tensor;
  }

  add(key: string, tensor: Tensor, size: number): void {
    if (this.#tensors.has(key)) return;
    this.#tensors.set(key, { tensor, size });
    this.#bytes += size;
    for (const [oldest, { size: bytes }] of this.#tensors) {
      if (this.#bytes <= KEPT_BYTES) return;
      this.#tensors.delete(oldest);
      this.#bytes -= bytes;
    }
  }
}
