import type { PlannedRead } from "@tfsaver/checkpoint-reader";
import type { TensorSlice } from "@tfsaver/core";
import { type Handlers, transferring } from "../../rpc/index.js";
import type { OpenFiles } from "../open-files.js";
import type { TensorPart, TensorParts } from "../tensor-parts.js";

export interface ReadContract {
  /** Reads a part of a tensor. Small tensors are read whole, verified, and kept; of large ones only the part is read. */
  read(request: { readonly id: number; readonly name: string; readonly slice?: TensorSlice | undefined }): TensorPart;
  /** Plans the reads of tensors, or parts of them, so that their cost can be shown before. */
  plan(request: {
    readonly id: number;
    readonly requests: readonly { readonly name: string; readonly slice?: TensorSlice | undefined }[];
  }): readonly PlannedRead[];
}

export function readHandlers(files: OpenFiles, parts: TensorParts): Handlers<ReadContract> {
  return {
    read: async ({ id, name, slice }, { signal }) => {
      const part = await parts.get(id, name, slice, { signal });
      const { data } = part.tensor;
      // The memory of a whole tensor stays here.
      return transferring(part, slice !== undefined && ArrayBuffer.isView(data) ? [data.buffer] : []);
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
