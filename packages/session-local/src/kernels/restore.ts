import { type CheckpointReader, openCheckpoint, type TensorInfo } from "@tfsaver/checkpoint-reader";
import { type DType, dtypeMessageName, InvalidArgumentError, NotFoundError, type Tensor } from "@tfsaver/core";
import type { Kernel, KernelCall } from "../kernel.js";
import { textOf, textsOf } from "./arguments.js";
import { requireNoSlices } from "./save.js";

/** A tensor to be read, and which output it becomes. */
interface Wanted {
  readonly info: TensorInfo;
  readonly output: number;
}

async function restoreV2(call: KernelCall): Promise<Tensor[]> {
  const { storage, signal } = call;
  const prefix = textOf(call.input(0), "prefix");
  const names = textsOf(call.input(1));
  const specs = textsOf(call.input(2));
  const dtypes = call.attributes.types("dtypes");
  if (names.length !== dtypes.length || specs.length !== dtypes.length) {
    throw new InvalidArgumentError(
      `Got ${names.length} tensor names and ${specs.length} slice specs but ${dtypes.length} dtypes.`,
    );
  }
  requireNoSlices(names, specs);
  const reader = await openCheckpoint(prefix, { storage, signal });
  try {
    const wanted = await lookUp(reader, names, call);
    requireDtypes(wanted, dtypes);
    return await readInFileOrder(reader, wanted, call);
  } finally {
    await reader.close();
  }
}

/** Nothing is read before every name is found, and the first that is missing is the one that is named. */
async function lookUp(reader: CheckpointReader, names: readonly string[], call: KernelCall): Promise<Wanted[]> {
  const wanted: Wanted[] = [];
  for (const [output, name] of names.entries()) {
    const info = await reader.info(name, call);
    if (info === undefined) {
      throw new NotFoundError(`Key ${name} not found in checkpoint`, { path: reader.prefix, tensor: name });
    }
    wanted.push({ info, output });
  }
  return wanted;
}

function requireDtypes(wanted: readonly Wanted[], dtypes: readonly DType[]): void {
  const wrong = wanted.filter(({ info, output }) => info.dtype !== dtypes[output]);
  const [first] = wrong;
  if (first === undefined) return;
  const lines = wrong.map(({ info, output }) => {
    const [expected, original] = [dtypes[output] as DType, info.dtype].map(dtypeMessageName);
    return `tensor_name = ${info.name}; expected dtype ${expected} does not equal original dtype ${original}`;
  });
  throw new InvalidArgumentError(lines.join("\n"), { tensor: first.info.name });
}

async function readInFileOrder(
  reader: CheckpointReader,
  wanted: readonly Wanted[],
  call: KernelCall,
): Promise<Tensor[]> {
  const inOrder = [...wanted].sort((a, b) => a.info.shard - b.info.shard || a.info.offset - b.info.offset);
  const total = wanted.reduce((sum, { info }) => sum + info.size, 0);
  const tensors = new Array<Tensor>(wanted.length);
  let done = 0;
  for (const { info, output } of inOrder) {
    tensors[output] = await reader.get(info.name, call);
    done += info.size;
    call.onProgress?.({ done, total, tensor: info.name });
  }
  return tensors;
}

/** Kernels of operations that read checkpoints. */
export const restoreKernels: Readonly<Record<string, Kernel>> = { RestoreV2: restoreV2 };
