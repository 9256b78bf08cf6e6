import type { TensorSource } from "@tfsaver/checkpoint-reader";
import {
  type CheckpointDifference,
  compareTensors,
  diffCheckpoints,
  type TensorComparison,
} from "@tfsaver/checkpoint-tools";
import { NotFoundError, shapesEqual } from "@tfsaver/core";
import { type Handlers, transferring } from "../../../rpc/index.js";
import type { OpenFile, OpenFiles } from "../../open-files.js";
import { DifferenceMap, type DifferencePicture } from "./difference-map.js";

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

/** How two checkpoints differ. */
export interface WholeComparison {
  readonly difference: CheckpointDifference;
  /** Names of tensors that are damaged in one of them, so that they can't be compared. */
  readonly damaged: readonly string[];
}

export interface CompareContract {
  /** Compares open checkpoints: by what their indexes say, or with all values. Reports progress. */
  diff(request: { readonly before: number; readonly after: number; readonly values: boolean }): WholeComparison;
  /** Compares two tensors. Reports progress. */
  comparePair(request: { readonly before: TensorOf; readonly after: TensorOf }): PairComparison;
}

export function compareHandlers(files: OpenFiles): Handlers<CompareContract> {
  return {
    diff: async ({ before, after, values }, options) => {
      const damaged: string[] = [];
      const [one, other] = [listedSource(files.get(before)), listedSource(files.get(after))];
      const onDamaged = (name: string) => void damaged.push(name);
      return { difference: await diffCheckpoints(one, other, { ...options, values, onDamaged }), damaged };
    },
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

/** Returns the tensors that are listed, so that the index is not read again, and one that can't be read does not hinder the others. */
function listedSource({ infos, tensors }: OpenFile): TensorSource {
  return {
    tensors: async function* () {
      yield* infos.values();
    },
    stream: (name, options) => tensors.stream(name, options),
    get: (name, slice, options) => tensors.get(name, slice, options),
  };
}

function find({ infos, tensors, prefix }: OpenFile, name: string) {
  const info = infos.get(name);
  if (info === undefined) throw new NotFoundError(`${prefix} has no tensor ${name}`, { path: prefix, tensor: name });
  return { source: tensors, info };
}
