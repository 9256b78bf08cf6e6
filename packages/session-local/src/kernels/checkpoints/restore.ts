import { openCheckpoint, type TensorInfo } from "@tfsaver/checkpoint-reader";
import {
  type DType,
  dtypeMessageName,
  formatShape,
  InvalidArgumentError,
  NotFoundError,
  numElements,
  shapesEqual,
  type Tensor,
} from "@tfsaver/core";
import type { Kernel, KernelCall } from "../../kernel.js";
import { textOf, textsOf } from "../arguments.js";
import { SharedCheckpoint } from "./shared-checkpoint.js";
import { type TensorKey, tensorKeys } from "./tensor-keys.js";

function restoreV2(call: KernelCall): Promise<Tensor[]> {
  const dtypes = call.attributes.types("dtypes");
  // Compared before the texts are read: a graph can repeat a name any number of times.
  const [names, specs] = [call.input(1), call.input(2)];
  requireCounts(numElements(names.shape), numElements(specs.shape), dtypes.length);
  return restore(call, textsOf(call, names), textsOf(call, specs), dtypes);
}

/** Restores one tensor: `Restore` and `RestoreSlice`, which graphs from before TensorFlow 0.12 use. */
function restoreSlice(call: KernelCall): Promise<Tensor[]> {
  const spec = call.op.type === "RestoreSlice" ? textOf(call.input(2), "shape_and_slice") : "";
  return restore(call, [textOf(call.input(1), "tensor_name")], [spec], [call.attributes.type("dt")]);
}

async function restore(
  call: KernelCall,
  names: readonly string[],
  specs: readonly string[],
  dtypes: readonly DType[],
): Promise<Tensor[]> {
  const { storage, signal } = call;
  const prefix = textOf(call.input(0), "prefix");
  const keys = tensorKeys(names, specs);
  const checkpoint = await call.shared(
    `checkpoint ${prefix}`,
    async () => new SharedCheckpoint(await openCheckpoint(prefix, { storage, signal })),
  );
  const { reader } = checkpoint;
  // All names, dtypes and shapes are checked before anything is read.
  const infos = requireFound(keys, await reader.infos(names, call), reader.prefix);
  requireDtypes(infos, dtypes, reader.prefix);
  requireShapes(infos, keys, reader.prefix);
  return checkpoint.read(call, keys, infos);
}

function requireCounts(names: number, specs: number, dtypes: number): void {
  if (names === dtypes && specs === dtypes) return;
  throw new InvalidArgumentError(`Got ${names} tensor names and ${specs} slice specs but ${dtypes} dtypes.`);
}

/** @throws `NotFoundError` that names the first missing tensor. */
function requireFound(
  keys: readonly TensorKey[],
  infos: readonly (TensorInfo | undefined)[],
  path: string,
): readonly TensorInfo[] {
  const missing = infos.indexOf(undefined);
  if (missing < 0) return infos as readonly TensorInfo[];
  const { name } = keys[missing] as TensorKey;
  throw new NotFoundError(`Key ${name} not found in checkpoint`, { path, tensor: name });
}

function requireDtypes(infos: readonly TensorInfo[], dtypes: readonly DType[], path: string): void {
  const wrong = infos.flatMap((info, i) => (info.dtype === dtypes[i] ? [] : [{ info, dtype: dtypes[i] as DType }]));
  const [first] = wrong;
  if (first === undefined) return;
  const lines = wrong.map(({ info, dtype }) => {
    const [expected, original] = [dtype, info.dtype].map(dtypeMessageName);
    return `tensor_name = ${info.name}; expected dtype ${expected} does not equal original dtype ${original}`;
  });
  throw new InvalidArgumentError(lines.join("\n"), { path, tensor: first.info.name });
}

function requireShapes(infos: readonly TensorInfo[], keys: readonly TensorKey[], path: string): void {
  const wrong = infos.flatMap((info, i) => {
    const part = keys[i]?.part;
    return part === undefined || shapesEqual(part.shape, info.shape) ? [] : [{ info, part }];
  });
  const [first] = wrong;
  if (first === undefined) return;
  const lines = wrong.map(
    ({ info, part }) =>
      `tensor_name = ${info.name}; shape in shape_and_slice spec ${formatShape(part.shape)} does not match ` +
      `the shape stored in checkpoint: ${formatShape(info.shape)}`,
  );
  throw new InvalidArgumentError(lines.join("\n"), { path, tensor: first.info.name });
}

/** Kernels of operations that read checkpoints. */
export const restoreKernels: Readonly<Record<string, Kernel>> = {
  RestoreV2: restoreV2,
  Restore: restoreSlice,
  RestoreSlice: restoreSlice,
};
