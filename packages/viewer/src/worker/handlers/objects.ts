import { readObjectGraph } from "@tfsaver/checkpoint-reader";
import type { Handlers } from "../../rpc/index.js";
import { objectPaths } from "../objects/object-paths.js";
import type { OpenFiles } from "../open-files.js";

/** A tensor of an object-based checkpoint. */
export interface ObjectTensor {
  /** Its name in the checkpoint. */
  readonly key: string;
  /** The path of its object from the root: `model/layer/kernel`. That of a slot starts with the path of its variable. */
  readonly path: string;
  /** The name that a name-based saver would use; empty if there is none. */
  readonly graphName: string;
}

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
