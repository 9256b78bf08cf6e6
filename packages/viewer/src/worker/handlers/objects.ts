import { readObjectGraph } from "@tfsaver/checkpoint-reader";
import type { Handlers } from "../../rpc/index.js";
import { type ObjectTensor, objectPaths } from "../objects/object-paths.js";
import type { OpenFiles } from "../open-files.js";

export interface ObjectsContract {
  /** Returns the tensors by objects; undefined if the checkpoint is not object-based. */
  objects(request: { readonly id: number }): readonly ObjectTensor[] | undefined;
}

export function objectsHandlers(files: OpenFiles): Handlers<ObjectsContract> {
  return {
    objects: async ({ id }, { signal }) => {
      const { checkpoint } = files.get(id);
      const graph = checkpoint === undefined ? undefined : await readObjectGraph(checkpoint, { signal });
      return graph === undefined ? undefined : objectPaths(graph);
    },
  };
}
