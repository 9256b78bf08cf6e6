import {
  type CheckpointDifference,
  compareTensors,
  diffCheckpoints,
  type TensorComparison,
} from "@tfsaver/checkpoint-tools";
import { NotFoundError, shapesEqual } from "@tfsaver/core";
import { type Handlers, transferring } from "../../rpc/index.js";
import { DifferenceMap, type DifferencePicture } from "../compare/difference-map.js";
import type { OpenFile, OpenFiles } from "../open-files.js";

/** A tensor of an open checkpoint. */
interface TensorOf {
  readonly id: number;
  readonly name: string;
}

/** How two tensors differ. */
export interface PairComparison extends TensorComparison {
  /** Undefined if the tensors have less than two axes, or their shapes differ. */
  readonly picture: DifferencePicture | undefined;
}

export interface CompareContract {
  /** Compares open checkpoints: by what their indexes say, or with all values. Reports progress. */
  diff(request: { readonly before: number; readonly after: number; readonly values: boolean }): CheckpointDifference;
  /** Compares two tensors. Reports progress. */
  comparePair(request: { readonly before: TensorOf; readonly after: TensorOf }): PairComparison;
}

export function compareHandlers(files: OpenFiles): Handlers<CompareContract> {
  return {
    diff: ({ before, after, values }, options) =>
      diffCheckpoints(files.get(before).tensors, files.get(after).tensors, { ...options, values }),
    comparePair: async ({ before, after }, options) => {
      const [one, other] = [find(files.get(before.id), before.name), find(files.get(after.id), after.name)];
      const { shape } = one.info;
      const isMatrix = shape.length > 1 && shapesEqual(shape, other.info.shape);
      const map = isMatrix ? new DifferenceMap(shape) : undefined;
      const comparison = await compareTensors(one, other, {
        ...options,
        onDifferences: map && ((differences, start) => map.add(differences, start)),
      });
      const picture = comparison.difference === undefined ? undefined : map?.result();
      return transferring({ ...comparison, picture }, picture === undefined ? [] : [picture.cells.buffer]);
    },
  };
}

function find({ infos, tensors, prefix }: OpenFile, name: string) {
  const info = infos.get(name);
  if (info === undefined) throw new NotFoundError(`${prefix} has no tensor ${name}`, { path: prefix, tensor: name });
  return { source: tensors, info };
}
