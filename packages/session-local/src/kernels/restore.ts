import { type CheckpointReader, openCheckpoint, type TensorInfo, type TensorRequest } from "@tfsaver/checkpoint-reader";
import {
  type DType,
  dtypeMessageName,
  formatShape,
  InvalidArgumentError,
  NotFoundError,
  parseShapeAndSlice,
  type ShapeAndSlice,
  shapesEqual,
  type Tensor,
} from "@tfsaver/core";
import type { Kernel, KernelCall } from "../kernel.js";
import { textOf, textsOf } from "./arguments.js";

/** A tensor, or part of one, to be read, and which output it becomes. */
interface Wanted {
  readonly request: TensorRequest;
  readonly info: TensorInfo;
  readonly output: number;
}

function restoreV2(call: KernelCall): Promise<Tensor[]> {
  return restore(call, textsOf(call.input(1)), textsOf(call.input(2)), call.attributes.types("dtypes"));
}

/** The operation of graphs from before TensorFlow 0.12, one for each tensor. */
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
  if (names.length !== dtypes.length || specs.length !== dtypes.length) {
    throw new InvalidArgumentError(
      `Got ${names.length} tensor names and ${specs.length} slice specs but ${dtypes.length} dtypes.`,
    );
  }
  const parts = specs.map(parseShapeAndSlice);
  // All operations of a run read one and the same checkpoint, also when another one takes its place meanwhile.
  const reader = await call.shared(`checkpoint ${prefix}`, () => openCheckpoint(prefix, { storage, signal }));
  const wanted = await lookUp(reader, names, parts, call);
  requireDtypes(wanted, dtypes, reader.prefix);
  requireShapes(wanted, parts, reader.prefix);
  const tensors = await reader.getAll(
    wanted.map(({ request }) => request),
    call,
  );
  call.readFromFile(tensors);
  return tensors;
}

/** Nothing is read before every name is found, and the first that is missing is the one that is named. */
async function lookUp(
  reader: CheckpointReader,
  names: readonly string[],
  parts: readonly (ShapeAndSlice | undefined)[],
  call: KernelCall,
): Promise<Wanted[]> {
  const infos = await reader.infos(names, call);
  return names.map((name, output) => {
    const info = infos[output];
    if (info !== undefined) return { request: { name, slice: parts[output]?.slice }, info, output };
    throw new NotFoundError(`Key ${name} not found in checkpoint`, { path: reader.prefix, tensor: name });
  });
}

function requireDtypes(wanted: readonly Wanted[], dtypes: readonly DType[], path: string): void {
  const wrong = wanted.filter(({ info, output }) => info.dtype !== dtypes[output]);
  const [first] = wrong;
  if (first === undefined) return;
  const lines = wrong.map(({ info, output }) => {
    const [expected, original] = [dtypes[output] as DType, info.dtype].map(dtypeMessageName);
    return `tensor_name = ${info.name}; expected dtype ${expected} does not equal original dtype ${original}`;
  });
  throw new InvalidArgumentError(lines.join("\n"), { path, tensor: first.info.name });
}

function requireShapes(wanted: readonly Wanted[], parts: readonly (ShapeAndSlice | undefined)[], path: string): void {
  const wrong = wanted.filter(({ info, output }) => {
    const part = parts[output];
    return part !== undefined && !shapesEqual(part.shape, info.shape);
  });
  const [first] = wrong;
  if (first === undefined) return;
  const lines = wrong.map(
    ({ info, output }) =>
      `tensor_name = ${info.name}; shape in shape_and_slice spec ${formatShape(parts[output]?.shape)} does not match ` +
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
