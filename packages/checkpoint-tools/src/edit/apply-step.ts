import { type CheckpointReader, openCheckpoint } from "@tfsaver/checkpoint-reader";
import {
  type DType,
  dtypeInfo,
  formatShape,
  isNumeric,
  numElements,
  type Shape,
  type Tensor,
  type TensorSlice,
  ValueError,
} from "@tfsaver/core";
import {
  applyNameRules,
  isNameRules,
  type NameRules,
  type NewName,
  nameInMap,
  namesInTable,
} from "@tfsaver/core/names";
import type { NpyArray } from "@tfsaver/core/npy";
import { type StreamOptions, transposed } from "@tfsaver/core/slices";
import type { CallOptions, Storage } from "@tfsaver/storage";
import { readNpyHeader, readNpyPieces } from "../values/npy/read-npy.js";
import type { CastStep, EditStep, ReshapeStep, ResliceStep } from "./edit-step.js";
import { EditedCheckpoint } from "./edited-checkpoint.js";
import type { EditedTensor } from "./edited-tensor.js";
import { renameRule, scopeRule } from "./names/name-rule.js";
import { passedTensor } from "./passed-tensor.js";
import { castEdited, requireCast } from "./values/cast-values.js";
import { sequentialValues } from "./values/regroup.js";

/** What the steps of an edit need besides the checkpoint. */
export interface StepContext extends CallOptions {
  /** Storage of other checkpoints and of NumPy files. */
  readonly storage: Storage;
  /** Keeps a checkpoint open until the edit is done. */
  readonly keepOpen: (reader: CheckpointReader) => void;
}

/** Applies a step. Reads names, dtypes and shapes, but no values. */
export async function applyStep(checkpoint: EditedCheckpoint, step: EditStep, context: StepContext): Promise<void> {
  if ("rename" in step) checkpoint.rename(renameRule(step.rename), `'${step.rename}'`);
  else if ("map" in step) {
    if (isNameRules(step.map)) applyRules(checkpoint, step.map);
    else checkpoint.renameByTable(namesInTable(step.map));
  } else if ("addScope" in step) checkpoint.rename(scopeRule(step.addScope), `The scope ${step.addScope}`);
  else if ("keep" in step) keep(checkpoint, step.keep);
  else if ("drop" in step) checkpoint.remove(checkpoint.match(step.drop));
  else if ("dropOptimizer" in step) checkpoint.dropOptimizer();
  else if ("useAverages" in step) checkpoint.useAverages();
  else if ("cast" in step) cast(checkpoint, step);
  else if ("reshape" in step) reshape(checkpoint, step);
  else if ("reslice" in step) reslice(checkpoint, step);
  else if ("set" in step) checkpoint.put(await newTensor(checkpoint, step.set, step.value, context));
  else if ("merge" in step) {
    const { storage, signal, keepOpen } = context;
    const reader = await openCheckpoint(step.merge, { storage, signal });
    keepOpen(reader);
    checkpoint.merge(await EditedCheckpoint.of(reader, { signal }));
  } else throw new ValueError(`A step has an unknown kind: ${Object.keys(step).join(", ")}`);
}

/** Renames, drops and transposes by rules. */
function applyRules(checkpoint: EditedCheckpoint, rules: NameRules): void {
  const named = new Map(checkpoint.tensors.map(({ name }) => [name, nameInMap(name)]));
  const newNames = applyNameRules([...named.values()], rules);
  const select = (holds: (name: NewName | undefined) => boolean) =>
    new Set([...named].filter(([, name]) => holds(newNames.get(name))).map(([name]) => name));
  const dropped = select((next) => next === undefined);
  if (dropped.size > 0) checkpoint.remove(dropped);
  checkpoint.replace(
    select((next) => next?.transpose ?? false),
    transpose,
  );
  const changed = [...newNames].filter(([name, next]) => name !== next.name);
  if (changed.length > 0) checkpoint.renameByTable(new Map(changed.map(([name, next]) => [name, [next.name]])));
}

function transpose(tensor: EditedTensor): EditedTensor {
  const { name, dtype, values } = tensor;
  if (tensor.shape.length < 2) return tensor;
  if (!isNumeric(dtype)) throw new ValueError(`${name} can't be transposed: it is ${dtype}`, { tensor: name });
  const shape = tensor.shape.toReversed();
  const pieces = (options: StreamOptions) => transposed({ dtype, shape }, (others) => values.stream(others), options);
  return { ...tensor, shape, slices: [], values: sequentialValues({ dtype, shape, pieces }) };
}

function keep(checkpoint: EditedCheckpoint, patterns: readonly string[]): void {
  const kept = checkpoint.match(patterns);
  checkpoint.remove(new Set(checkpoint.tensors.map(({ name }) => name).filter((name) => !kept.has(name))));
}

/** Dtypes between which a cast without patterns casts. */
const FLOATS: ReadonlySet<DType> = new Set<DType>(["float16", "bfloat16", "float32", "float64"]);

function cast(checkpoint: EditedCheckpoint, { cast: dtype, match }: CastStep): void {
  if (match === undefined && !FLOATS.has(dtype)) {
    throw new ValueError(`A cast to ${dtype} needs patterns of the tensors to cast (--match)`);
  }
  const floats = checkpoint.tensors.filter((tensor) => FLOATS.has(tensor.dtype)).map(({ name }) => name);
  const names = match === undefined ? new Set(floats) : checkpoint.match(match);
  checkpoint.replace(names, (tensor) => {
    requireCast(tensor, dtype);
    return tensor.dtype === dtype ? tensor : castEdited(tensor, dtype);
  });
}

function reshape(checkpoint: EditedCheckpoint, { reshape: name, shape: wanted }: ReshapeStep): void {
  checkpoint.replace(checkpoint.match([name]), (tensor) => {
    const { dtype, values } = tensor;
    const shape = completeShape(tensor, wanted);
    return {
      ...tensor,
      shape,
      slices: [],
      values: sequentialValues({ dtype, shape, pieces: (options) => values.stream(options) }),
    };
  });
}

/** Computes the dimension that is -1. */
function completeShape({ name, shape }: EditedTensor, wanted: readonly number[]): Shape {
  const count = numElements(shape);
  const unknown = wanted.filter((dim) => dim === -1).length;
  const rest = wanted.filter((dim) => dim !== -1).reduce((product, dim) => product * dim, 1);
  const isValid = unknown <= 1 && wanted.every((dim) => Number.isSafeInteger(dim) && dim >= -1);
  const complete = wanted.map((dim) => (dim === -1 ? count / rest : dim));
  if (isValid && (unknown === 0 ? rest === count : rest > 0 && count % rest === 0)) return complete;
  throw new ValueError(`${name} has shape ${formatShape(shape)}, which can't become [${wanted.join(",")}]`, {
    tensor: name,
  });
}

function reslice(checkpoint: EditedCheckpoint, { reslice: pattern, slices: count, axis = 0 }: ResliceStep): void {
  if (!Number.isSafeInteger(count) || count < 1)
    throw new ValueError(`The number of slices must be positive, not ${count}`);
  checkpoint.replace(checkpoint.match([pattern]), (tensor) => {
    const { name, shape } = tensor;
    const dim = shape[axis] ?? 0;
    if (count > 1 && dim < count) {
      throw new ValueError(
        `${name} of shape ${formatShape(shape)} can't be cut into ${count} slices along axis ${axis}`,
        {
          tensor: name,
        },
      );
    }
    return { ...tensor, slices: count === 1 ? [] : slicesOf(shape, axis, count) };
  });
}

/** Cuts as `tf.compat.v1.fixed_size_partitioner` does. */
function slicesOf(shape: Shape, axis: number, count: number): TensorSlice[] {
  const dim = shape[axis] as number;
  const slices: TensorSlice[] = [];
  for (let i = 0, start = 0; i < count; i++) {
    const length = Math.floor(dim / count) + (i < dim % count ? 1 : 0);
    slices.push(shape.map((_, d) => (d === axis ? { start, length } : "full")));
    start += length;
  }
  return slices;
}

async function newTensor(
  checkpoint: EditedCheckpoint,
  name: string,
  value: Tensor | string,
  { storage, signal }: StepContext,
): Promise<EditedTensor> {
  if (typeof value !== "string") return passedTensor(name, value);
  const array = await readNpyHeader(storage, value, { signal });
  const dtype = dtypeOf(array, value, checkpoint.find(name)?.dtype);
  const { shape, itemBytes } = array;
  const pieces = (options: CallOptions) => readNpyPieces(storage, value, { ...array, dtype }, options);
  return {
    name,
    dtype,
    shape,
    size: numElements(shape) * itemBytes,
    slices: [],
    values: sequentialValues({ dtype, shape, pieces }),
    origin: { name: undefined, path: value, dtype, shape, slices: 0 },
  };
}

/** Returns the dtype of a NumPy file. Raw bits, as NumPy stores `float8` and others, get that of the tensor that is replaced. */
function dtypeOf({ dtype, itemBytes }: NpyArray, path: string, replaced: DType | undefined): DType {
  const found = dtype ?? replaced;
  if (found !== undefined && (dtype !== undefined || dtypeInfo(found).size === itemBytes)) return found;
  throw new ValueError(`${path} holds raw bits of ${itemBytes} byte: set a tensor of a dtype of this size`, { path });
}
